import type { Socket } from "node:net";

/**
 * Tells whether the client of a socket takes what is sent to it. Node counts only whole writes; libuv's own count of a
 * write that is under way falls while the client takes it, so a slow client with a large response is not a stalled one.
 */
export class WriteWatch {
  readonly #socket: Socket;
  #written = 0;
  #queued = 0;
  #looks = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /**
   * Looks once. Returns how many looks in a row have found that data waits and that none of it was taken. Looks are
   * counted rather than time, so that the time in which this process itself was busy is not held against the client.
   */
  look(): number {
    const { writableLength, bytesWritten } = this.#socket;
    const written = bytesWritten - writableLength;
    const queued = writableLength === 0 ? 0 : queuedBytes(this.#socket);
    const isStill = writableLength > 0 && written === this.#written && queued === this.#queued;
    this.#written = written;
    this.#queued = queued;
    this.#looks = isStill ? this.#looks + 1 : 0;
    return this.#looks;
  }
}

function queuedBytes(socket: Socket): number {
  const { _handle: handle } = socket as { readonly _handle?: { readonly writeQueueSize?: number } | null };
  return handle?.writeQueueSize ?? 0;
}
