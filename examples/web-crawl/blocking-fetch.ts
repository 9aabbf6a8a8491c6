// A fetch that blocks. JavaScript has none, for good reasons: this one has a worker fetch, and puts the thread to sleep
// until that is done. No timer, no other request, nothing happens in the thread meanwhile.
import { MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads";
import type { Fetched } from "./blocking-fetch-worker.ts";

/** Fetches pages and blocks the thread. */
export class BlockingFetch implements Disposable {
  readonly #bell = new Int32Array(new SharedArrayBuffer(4));
  readonly #channel = new MessageChannel();
  readonly #worker: Worker;

  constructor() {
    const { port1, port2 } = this.#channel;
    const workerData = { port: port2, bell: this.#bell };
    this.#worker = new Worker(new URL("blocking-fetch-worker.ts", import.meta.url), {
      workerData,
      transferList: [port2],
    });
    port1.unref();
  }

  /** The text of a page. @throws {Error} If there is none. */
  get(url: string): string {
    Atomics.store(this.#bell, 0, 0);
    this.#channel.port1.postMessage(url);
    Atomics.wait(this.#bell, 0, 0); // the thread sleeps here
    const answer = receiveMessageOnPort(this.#channel.port1) as { readonly message: Fetched };
    if (answer.message.error !== undefined) throw new Error(answer.message.error);
    return answer.message.text;
  }

  /** Ends the worker. */
  [Symbol.dispose](): void {
    this.#channel.port1.close();
    void this.#worker.terminate();
  }
}
