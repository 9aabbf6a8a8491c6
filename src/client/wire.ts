// A socket that handles two kinds of server behaviour which undici would treat as the end of the connection.
//
// - A server answers before it has read the whole request, and closes the connection. Then writing fails with EPIPE or
//   ECONNRESET, while the answer is already in the receive buffer. Node destroys a socket after a failed write, and the
//   answer is lost. Here, the failed write never completes instead: no more data is written, and reading continues to
//   the end of the connection. That end comes soon, because the peer has closed the connection. (aiohttp and curl also
//   continue to read.)
//
// - A server sends `100 Continue` although the client did not ask for it (RFC 9110, section 15.2: "a client MUST be
//   able to parse one or more 1xx responses"), possibly with a `Connection: close` that is meant for the final
//   response. Here, interim responses are counted and removed, so that undici sees only the final response. `101` is
//   not treated as an interim response, because it switches to another protocol.

import type { Socket } from "node:net";
import { codeOf } from "../base/error-code.ts";

type WriteCallback = (error?: Error | null) => void;

const peerIsGone: ReadonlySet<string> = new Set(["EPIPE", "ECONNRESET"]);

/** A socket that still reads answers after a failed write, and removes interim responses. */
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

  /** Whether some bytes of the request have not been sent by this process yet. */
  get hasUnsent(): boolean {
    return this.#socket.writableLength > 0;
  }

  /** The error that ended the connection, if it was not closed normally. */
  get cutBy(): Error | undefined {
    return this.#cutBy;
  }

  /** Announces that a request is being sent, so that a response comes next. */
  expectResponse(): void {
    this.#interim.begin();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  // If a write fails because the peer has gone, its callback is not called. Later writes then wait until the socket is
  // closed.
  #readOnAfterWriting(): void {
    const socket = this.#socket;
    // oxlint-disable no-underscore-dangle -- these are the names of Node's stream methods
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
// The positions in `HTTP/1.1 100` at which the status begins and ends.
const statusAt = 9;
const statusEnd = 12;
// The maximum size of the head of a response, in bytes.
const largestHead = 16_384;
const nothing = Buffer.alloc(0);

/**
 * Removes the interim responses before the final response from the data that is read. The data may arrive in pieces of
 * any size.
 */
export class InterimFilter {
  readonly #onInterim: () => void;
  // What comes next: a status line, the rest of an interim head, or bytes that need no filtering.
  #place: "status" | "head" | "beyond" = "beyond";
  // The beginning of a status line that does not contain the status yet.
  #held: Buffer = nothing;
  // The number of bytes of the current interim head so far, and whether they end with a complete line.
  #headSize = 0;
  #isAtLine = false;

  /** @param onInterim - Called for each interim response. */
  constructor(onInterim: () => void) {
    this.#onInterim = onInterim;
  }

  /** Whether the head of an interim response exceeds the maximum size. */
  get isTooLarge(): boolean {
    return this.#headSize > largestHead;
  }

  /** Starts filtering, because a response comes next. */
  begin(): void {
    this.#place = "status";
    this.#held = nothing;
    this.#headSize = 0;
    this.#isAtLine = false;
  }

  /** Removes interim responses from the next bytes, and returns the rest. */
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

// The kind of response that begins with these bytes. Leading empty lines are skipped, as HTTP parsers do.
function kindOf(bytes: Buffer): "interim" | "other" | "unknown" {
  let start = 0;
  while (bytes[start] === cr || bytes[start] === lf) start++;
  const length = bytes.byteLength - start;
  for (let i = 0; i < name.byteLength && i < length; i++) if (bytes[start + i] !== name[i]) return "other";
  if (length > statusAt && bytes[start + statusAt] !== one) return "other";
  if (length < statusEnd) return "unknown";
  return bytes.toString("latin1", start + statusAt, start + statusEnd) === "101" ? "other" : "interim";
}
