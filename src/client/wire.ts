// Wire: a socket, prepared for two things that servers do and that undici takes for the end of the connection.
//
// - A server answers before it has taken the whole request, and closes. Writing fails then, with EPIPE or ECONNRESET,
//   while the answer lies in the receive buffer. Node destroys a socket whose write failed, and the answer with it. Here
//   such a write never ends: nothing more is written, and reading goes on to the end, which comes soon: a connection
//   that refuses bytes because its peer has gone has an end to read. (aiohttp and curl read on as well.)
//
// - A server sends `100 Continue` although nothing asked for it (RFC 9110, section 15.2: "a client MUST be able to parse
//   one or more 1xx responses"), perhaps with a `Connection: close` that is meant for what follows. Here interim
//   responses are counted and taken out; undici sees the response only. `101` is not one of them: it ends HTTP.

import type { Socket } from "node:net";
import { codeOf } from "../base/error-code.ts";

type WriteCallback = (error?: Error | null) => void;

const peerIsGone: ReadonlySet<string> = new Set(["EPIPE", "ECONNRESET"]);

/** A socket whose answers are read even where writing fails, and where interim responses come first. */
export class Wire {
  readonly #socket: Socket;
  readonly #interim: InterimFilter;
  #cutBy: Error | undefined;

  constructor(socket: Socket, onInterim: () => void) {
    this.#socket = socket;
    this.#interim = new InterimFilter(onInterim);
    socket.once("error", (error) => (this.#cutBy = error));
    this.#readOnAfterWriting();
    this.#filterReading();
  }

  /** Whether bytes of a request have not left this process. */
  get hasUnsent(): boolean {
    return this.#socket.writableLength > 0;
  }

  /** The error that ended the connection, if it was not closed in order. */
  get cutBy(): Error | undefined {
    return this.#cutBy;
  }

  /** Says that a request is being sent: a response comes next. */
  expectResponse(): void {
    this.#interim.begin();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  // A write that fails because the peer has gone is left open: what waits behind it waits until the socket is closed.
  #readOnAfterWriting(): void {
    const socket = this.#socket;
    // oxlint-disable no-underscore-dangle -- so are the methods of a stream called
    const [write, writev] = [socket._write.bind(socket), socket._writev!.bind(socket)];
    const unlessGone = (callback: WriteCallback): WriteCallback => {
      return (error) => {
        if (!error || !peerIsGone.has(codeOf(error) ?? "")) callback(error);
      };
    };
    socket._write = (chunk, encoding, callback) => write(chunk, encoding, unlessGone(callback));
    socket._writev = (chunks, callback) => writev(chunks, unlessGone(callback));
    // oxlint-enable no-underscore-dangle
  }

  #filterReading(): void {
    const socket = this.#socket;
    const read = socket.read.bind(socket);
    const readAnswer = (size?: number): Buffer | null => {
      for (;;) {
        const chunk = read(size) as Buffer | null;
        if (chunk === null) return null;
        const rest = this.#interim.filter(chunk);
        if (this.#interim.isTooLarge) socket.destroy(headTooLarge());
        if (socket.destroyed) return null;
        if (rest.byteLength > 0) return rest;
      }
    };
    socket.read = readAnswer;
  }
}

function headTooLarge(): Error {
  return Object.assign(new Error("The head of an interim response is too large"), { code: "UND_ERR_HEADERS_OVERFLOW" });
}

const [cr, lf, one] = [13, 10, 49];
const name = Buffer.from("HTTP/");
// In `HTTP/1.1 100`: where the status begins and ends.
const statusAt = 9;
const statusEnd = 12;
// As many bytes as the head of a response may have.
const largestHead = 16_384;
const nothing = Buffer.alloc(0);

/** Takes the interim responses before a response out of what is read, in whatever pieces it arrives. */
export class InterimFilter {
  readonly #onInterim: () => void;
  // Whether a status line comes next, or the rest of an interim head, or bytes that are of no interest here.
  #place: "status" | "head" | "beyond" = "beyond";
  // The beginning of a status line, while it does not say which status.
  #held: Buffer = nothing;
  // Bytes of the current interim head, and whether they end with a line.
  #headSize = 0;
  #isAtLine = false;

  /** @param onInterim - Called for each of them. */
  constructor(onInterim: () => void) {
    this.#onInterim = onInterim;
  }

  /** Whether the head of an interim response has more bytes than the head of a response may have. */
  get isTooLarge(): boolean {
    return this.#headSize > largestHead;
  }

  /** A response comes next. */
  begin(): void {
    this.#place = "status";
    this.#held = nothing;
    this.#headSize = 0;
    this.#isAtLine = false;
  }

  /** Returns what is left of the bytes that came next. */
  filter(bytes: Buffer): Buffer {
    if (this.#place === "beyond") return bytes;
    let rest = this.#held.byteLength > 0 ? Buffer.concat([this.#held, bytes]) : bytes;
    this.#held = nothing;
    while (rest.byteLength > 0) {
      const kind = this.#place === "head" ? "interim" : kindOf(rest);
      if (kind === "unknown") {
        this.#held = rest;
        return nothing;
      }
      if (kind === "other") {
        this.#place = "beyond";
        return rest;
      }
      rest = this.#skipHead(rest);
    }
    return nothing;
  }

  #skipHead(bytes: Buffer): Buffer {
    for (let i = 0; i < bytes.byteLength; i++) {
      if (bytes[i] === lf && this.#isAtLine) {
        this.begin();
        this.#onInterim();
        return bytes.subarray(i + 1);
      }
      if (bytes[i] !== cr) this.#isAtLine = bytes[i] === lf;
    }
    this.#place = "head";
    this.#headSize += bytes.byteLength;
    return nothing;
  }
}

// The kind of what begins with these bytes, behind empty lines, which parsers skip.
function kindOf(bytes: Buffer): "interim" | "other" | "unknown" {
  let start = 0;
  while (bytes[start] === cr || bytes[start] === lf) start++;
  const length = bytes.byteLength - start;
  for (let i = 0; i < name.byteLength && i < length; i++) if (bytes[start + i] !== name[i]) return "other";
  if (length > statusAt && bytes[start + statusAt] !== one) return "other";
  if (length < statusEnd) return "unknown";
  return bytes.toString("latin1", start + statusAt, start + statusEnd) === "101" ? "other" : "interim";
}
