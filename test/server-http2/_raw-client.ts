/** A client of HTTP/2 that sends frames as they are, right or wrong, and keeps the frames that come back. */

import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** The types of frames. */
export const frame = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

/** The flags of frames. `ack` and `endStream` are the same bit. */
export const flag = { none: 0, ack: 1, endStream: 1, endHeaders: 4 } as const;

/** The codes of errors that the tests know. */
export const code = { none: 0, protocol: 1, internal: 2, refused: 7, cancel: 8, calm: 11 } as const;

export const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/** A frame that was received. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** The bytes of a frame. */
export function encode(type: number, flags: number, stream: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.byteLength, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A number of 32 bits. */
export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** One setting. */
export function setting(id: number, value: number): Buffer {
  const bytes = Buffer.alloc(6);
  bytes.writeUInt16BE(id);
  bytes.writeUInt32BE(value, 2);
  return bytes;
}

/** A header block in which nothing is indexed or compressed. */
export function block(fields: readonly (readonly [name: string, value: string])[]): Buffer {
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]));
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, "latin1");
  return Buffer.concat([integer(bytes.length, 7), bytes]);
}

/** An integer of HPACK with a prefix of `bits` bits. */
export function integer(value: number, bits: number, first = 0): Buffer {
  const most = 2 ** bits - 1;
  if (value < most) return Buffer.from([first | value]);
  const bytes = [first | most];
  let left = value - most;
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) | 128);
  return Buffer.from([...bytes, left]);
}

/** The header block of a request. */
export function request(method = "GET", path = "/", ...more: readonly (readonly [string, string])[]): Buffer {
  return block([[":method", method], [":scheme", "http"], [":path", path], [":authority", "localhost"], ...more]);
}

/** The first status of a connection, which begins the first header block that the server sent. */
export function statusOf(headerBlock: Buffer): number {
  const [first = 0, second = 0] = headerBlock;
  // An entry of the static table.
  if (first > 0x80) return [200, 204, 206, 304, 400, 404, 500][first - 0x88] ?? NaN;
  const value = headerBlock.subarray(2, 2 + (second & 0x7f));
  return Number((second & 0x80) === 0 ? value.toString("latin1") : decodeDigits(value));
}

// Huffman codes: 0, 1, 2 are the numbers from 0 in five bits; 3 to 9 those from 25 in six.
function decodeDigits(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  let digits = "";
  for (let at = 0; digits.length < 3;) {
    const short = Number.parseInt(bits.slice(at, at + 5), 2);
    digits += short < 3 ? short : Number.parseInt(bits.slice(at, at + 6), 2) - 22;
    at += short < 3 ? 5 : 6;
  }
  return digits;
}

/** A connection, frame by frame. */
export class RawClient {
  /** What was received. The payloads of DATA are not kept. */
  readonly frames: Frame[] = [];
  /** How many bytes of DATA were received. */
  dataBytes = 0;
  isClosed = false;
  readonly socket: Socket;
  /** Whether what the protocol asks for is answered: SETTINGS, PING. */
  acks = true;
  readonly #room = new Map<number, number>();
  #rest: Buffer = Buffer.alloc(0);
  #changed: PromiseWithResolvers<void> = Promise.withResolvers();

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => this.#received(chunk));
    socket.on("error", () => this.#end());
    for (const event of ["end", "close"]) socket.on(event, () => this.#end());
  }

  /** Connects, and sends the preface and `settings`. */
  static async open(port: number, settings: Uint8Array = Buffer.alloc(0)): Promise<RawClient> {
    const client = await RawClient.connect(port);
    client.write(preface, encode(frame.settings, flag.none, 0, settings));
    return client;
  }

  /** Connects, and sends nothing. */
  static async connect(port: number): Promise<RawClient> {
    const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true, noDelay: true });
    await once(socket, "connect");
    return new RawClient(socket);
  }

  write(...pieces: readonly (Uint8Array | string)[]): void {
    if (!this.socket.destroyed) this.socket.write(Buffer.concat(pieces.map((piece) => Buffer.from(piece))));
  }

  /** Writes, and waits until it has left or the connection has ended. */
  async sent(bytes: Uint8Array): Promise<void> {
    if (this.isClosed) return;
    const written = new Promise<void>((resolve) => this.socket.write(bytes, () => resolve()));
    await Promise.race([written, this.closed()]);
  }

  /** Sends a request whose end is its head. */
  get(stream: number, path = "/", method = "GET"): void {
    this.write(encode(frame.headers, flag.endStream | flag.endHeaders, stream, request(method, path)));
  }

  /** Sends the head of a request whose body follows. */
  post(stream: number, path = "/", ...more: readonly (readonly [string, string])[]): void {
    this.write(encode(frame.headers, flag.endHeaders, stream, request("POST", path, ...more)));
  }

  /** Sends a piece of a body. */
  data(stream: number, bytes: Uint8Array | string, isLast = false): void {
    this.write(encode(frame.data, isLast ? flag.endStream : flag.none, stream, Buffer.from(bytes)));
  }

  /** Waits until a stream was ended or reset by the server, or the connection has ended; returns its frames. */
  async ended(stream: number): Promise<Frame[]> {
    const frames = (): Frame[] => this.frames.filter((it) => it.stream === stream);
    const isLast = ({ type, flags }: Frame): boolean =>
      type === frame.reset || ((type === frame.data || type === frame.headers) && (flags & flag.endStream) !== 0);
    await this.until(() => frames().some(isLast));
    return frames();
  }

  /** How many bytes of bodies a stream, or by 0 the connection, may send in all, if the server has not said otherwise. */
  room(stream: number): number {
    return this.#room.get(stream) ?? 65_535;
  }

  /** Waits until the server has answered a PING, so that it has worked on whatever came before. */
  async turn(): Promise<void> {
    const pings = (): number => this.frames.filter(({ type }) => type === frame.ping).length;
    const before = pings();
    this.write(encode(frame.ping, flag.none, 0, Buffer.alloc(8)));
    await this.until(() => pings() > before);
  }

  /** The first frame of a type, on a stream if one is given; `undefined` if the connection ended without it. */
  async first(type: number, stream?: number): Promise<Frame | undefined> {
    const find = (): Frame | undefined =>
      this.frames.find((it) => it.type === type && (stream === undefined || it.stream === stream));
    await this.until(() => find() !== undefined);
    return find();
  }

  /** Waits until `condition` is true or the connection has ended. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition() && !this.isClosed) await this.#changed.promise;
  }

  /** Waits until the server has ended the connection. */
  closed(): Promise<void> {
    return this.until(() => false);
  }

  /** The code of the GOAWAY; `undefined` if there was none. */
  get goawayCode(): number | undefined {
    return this.frames.find(({ type }) => type === frame.goaway)?.payload.readUInt32BE(4);
  }

  /** The codes of the streams that were reset. */
  get resets(): Map<number, number> {
    const resets = this.frames.filter(({ type }) => type === frame.reset);
    return new Map(resets.map(({ stream, payload }) => [stream, payload.readUInt32BE()]));
  }

  leave(): void {
    this.socket.destroy();
  }

  #received(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (this.#rest.length - at >= 9) {
      const length = this.#rest.readUIntBE(at, 3);
      if (this.#rest.length - at < 9 + length) break;
      this.#take(this.#rest.subarray(at, at + 9 + length));
      at += 9 + length;
    }
    this.#rest = this.#rest.subarray(at);
    this.#change();
  }

  #take(bytes: Buffer): void {
    const [type, flags] = [bytes.readUInt8(3), bytes.readUInt8(4)];
    const isData = type === frame.data;
    if (isData) this.dataBytes += bytes.length - 9;
    const payload = Buffer.from(bytes.subarray(9, isData ? 9 : undefined));
    this.frames.push({ type, flags, stream: bytes.readUInt32BE(5), payload });
    if (type === frame.windowUpdate) {
      const stream = bytes.readUInt32BE(5);
      this.#room.set(stream, this.room(stream) + payload.readUInt32BE());
    }
    if (!this.acks || (flags & flag.ack) !== 0) return;
    if (type === frame.settings) this.write(encode(frame.settings, flag.ack, 0));
    else if (type === frame.ping) this.write(encode(frame.ping, flag.ack, 0, payload));
  }

  #end(): void {
    this.isClosed = true;
    this.#change();
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
