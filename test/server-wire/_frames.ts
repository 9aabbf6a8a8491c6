/** Frames of WebSockets byte by byte, as a client writes and reads them: nothing here knows what serves. */

import type { Wire } from "./_wire.ts";

/** The key of RFC 6455 and what a server makes of it. */
export const sampleKey = "dGhlIHNhbXBsZSBub25jZQ==";
export const sampleAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/** The lines of a good handshake; `changes` replaces headers by their names, or leaves them out. */
export function handshake(
  changes: Readonly<Record<string, string | readonly string[] | undefined>> = {},
  requestLine = "GET /chat HTTP/1.1",
): string[] {
  const headers: Record<string, string | readonly string[] | undefined> = {
    Host: "a",
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Key": sampleKey,
    "Sec-WebSocket-Version": "13",
    ...changes,
  };
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((one) => `${name}: ${one}`),
  );
  return [requestLine, ...lines, "", ""];
}

/** How a frame differs from a whole text. */
export interface FrameOptions {
  readonly opcode?: number;
  readonly fin?: boolean;
  readonly rsv?: number;
  readonly masked?: boolean;
}

/** A frame as a client sends it, as Latin-1 text. Its mask is zero, which changes nothing. */
export function frame(payload: string | Uint8Array, options: FrameOptions = {}): string {
  const { opcode = 1, fin = true, rsv = 0, masked = true } = options;
  const bytes = Buffer.from(payload);
  const head = [(fin ? 0x80 : 0) | rsv | opcode];
  const mask = masked ? 0x80 : 0;
  if (bytes.length < 126) head.push(mask | bytes.length);
  else if (bytes.length < 65_536) head.push(mask | 126, bytes.length >> 8, bytes.length & 255);
  else head.push(mask | 127, 0, 0, 0, 0, ...[24, 16, 8, 0].map((shift) => (bytes.length >> shift) & 255));
  if (masked) head.push(0, 0, 0, 0);
  return Buffer.concat([Buffer.from(head), bytes]).toString("latin1");
}

/** A Close. */
export function closeFrame(code?: number, reason = ""): string {
  if (code === undefined) return frame("", { opcode: 8 });
  return frame(Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)]), { opcode: 8 });
}

/** What a server has sent behind its 101, in words: `text Hello`, `close 1000`, `ping`. */
export function framesOf(received: string): string[] {
  const found: string[] = [];
  let rest = Buffer.from(received.slice(received.indexOf("\r\n\r\n") + 4), "latin1");
  while (rest.length >= 2) {
    const opcode = rest[0]! & 15;
    const short = rest[1]! & 127;
    const start = short < 126 ? 2 : short === 126 ? 4 : 10;
    const length = short < 126 ? short : short === 126 ? rest.readUInt16BE(2) : Number(rest.readBigUInt64BE(2));
    if (rest.length < start + length) break;
    found.push(describe(opcode, rest.subarray(start, start + length)));
    rest = rest.subarray(start + length);
  }
  return found;
}

function describe(opcode: number, payload: Buffer): string {
  if (opcode === 8) return payload.length < 2 ? "close" : `close ${payload.readUInt16BE(0)}`;
  const kind = { 1: "text", 2: "bytes", 9: "ping", 10: "pong" }[opcode] ?? String(opcode);
  return payload.length === 0 ? kind : `${kind} ${payload.toString()}`;
}

/** Waits until a server has sent a frame that reads so, or the connection has ended; returns all its frames. */
export async function frames(wire: Wire, last?: string): Promise<string[]> {
  for (;;) {
    const found = framesOf(wire.received);
    if ((last !== undefined && found.includes(last)) || wire.isClosed) return found;
    await wire.untilLength(wire.received.length + 1);
  }
}
