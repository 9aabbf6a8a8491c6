import { InvalidStateError, park, type Park, type Resource } from "../../asyncio/index.ts";
import { noop } from "../../base/noop.ts";
import { RingBuffer } from "../../base/ring-buffer.ts";

/** A message of a WebSocket: a string if it is text, bytes if it is binary. */
export type Message = string | Uint8Array;

/** The size that a message counts for besides its bytes, so that empty messages do not fill the memory either. */
const overhead = 64;

const nextMessage: Resource = { kind: "read", name: "WebSocket message" };

/** The size of a message, in bytes. */
export function sizeOf(message: Message): number {
  return typeof message === "string" ? Buffer.byteLength(message) : message.byteLength;
}

/** How a {@link MessageQueue} is made. */
export interface MessageQueueOptions {
  /** From how many bytes on it counts as full. */
  readonly bound: number;
  /** Called when it has been full and has room again. */
  readonly onRoom: () => void;
}

/**
 * Messages on their way from one writer to one reader. Like a `BytePipe` it takes every message, and says when it is full:
 * the writer stops until there is room.
 */
export class MessageQueue {
  readonly #options: MessageQueueOptions;
  readonly #messages = new RingBuffer<readonly [message: Message, size: number]>();
  #size = 0;
  #ended = false;
  #error: Error | undefined;
  #reader: Park<void> | undefined;

  constructor(options: MessageQueueOptions) {
    this.#options = options;
  }

  /** Whether it holds as much as it should, or more. */
  get isFull(): boolean {
    return this.#size >= this.#options.bound;
  }

  /** Whether a message or the end can be taken without waiting. */
  get isReady(): boolean {
    return this.#messages.size > 0 || this.#ended || this.#error !== undefined;
  }

  /** Puts a message in, unless the end was put in. Returns whether there is room for more. */
  push(message: Message): boolean {
    if (this.#ended || this.#error !== undefined) return true;
    const size = sizeOf(message) + overhead;
    this.#messages.add([message, size]);
    this.#size += size;
    this.#reader?.wake();
    return !this.isFull;
  }

  /** Says that no more will come. */
  end(): void {
    this.#ended = true;
    this.#reader?.wake();
  }

  /** Breaks it off: what is in it is dropped, and its reader gets `error`. */
  fail(error: Error): void {
    if (this.#error !== undefined) return;
    this.#error = error;
    this.#messages.clear();
    this.#size = 0;
    this.#reader?.wake();
  }

  /**
   * Waits for the next message; `undefined` means that there are no more.
   *
   * @throws {InvalidStateError} If another task is waiting for it already.
   * @throws Whatever it failed with.
   */
  async take(): Promise<Message | undefined> {
    while (!this.isReady) await this.#wait();
    if (this.#error !== undefined) throw this.#error;
    const taken = this.#messages.take();
    if (taken === undefined) return undefined;
    const [message, size] = taken;
    const wasFull = this.isFull;
    this.#size -= size;
    if (wasFull && !this.isFull) this.#options.onRoom();
    return message;
  }

  /** Waits to be told to look again. Nothing is handed over by it, so that nothing is lost if the wait is cancelled. */
  async #wait(): Promise<void> {
    if (this.#reader?.isWaiting)
      throw new InvalidStateError("Cannot receive a message as another task is waiting for it");
    const start = (wait: Park<void>): void => {
      this.#reader = wait;
    };
    // Woken and cancelled in the same turn: then nothing may be taken.
    await park<void>(nextMessage, start, { giveBack: noop });
  }
}
