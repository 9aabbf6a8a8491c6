import { join } from "node:path";
import { timeout } from "pottle/asyncio";
import type { Process } from "pottle/asyncio/subprocess";
import type { Load } from "../shared/load.ts";
import { startClient } from "../shared/program.ts";

const program = join(import.meta.dirname, "programs", "broadcast-client.mjs");

/** Many WebSockets that stay open while their server is measured again and again. */
export class Audience implements AsyncDisposable {
  readonly #process: Process;

  private constructor(process: Process) {
    this.#process = process;
  }

  /** Opens `clients` WebSockets to a server. */
  static async open(port: number, clients: number): Promise<Audience> {
    const audience = new Audience(await startClient([process.execPath, program, String(port), String(clients)]));
    await audience.#read();
    return audience;
  }

  /**
   * Has messages sent to all of them for some seconds.
   *
   * @throws {Error} If not all messages arrived.
   */
  async load(seconds: number): Promise<Load> {
    this.#process.stdin!.write(`${seconds}\n`);
    await this.#process.stdin!.drain();
    return JSON.parse(await this.#read()) as Load;
  }

  async #read(): Promise<string> {
    const line = (await timeout(60_000, () => this.#process.stdout!.readLine())).toString();
    if (line === "") throw new Error("Cannot measure as the program with the WebSockets has ended");
    return line;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}
