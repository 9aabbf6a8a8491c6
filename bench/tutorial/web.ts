import type { Process } from "pottle/asyncio/subprocess";
import type { Peer, WebCase } from "./cases.ts";
import { cpuTimeOf } from "../shared/cpu-time.ts";
import { findFreePort, untilItAnswers } from "../shared/free-port.ts";
import { load } from "../shared/load.ts";
import { startServer } from "../shared/program.ts";
import type { Measurement } from "./results.ts";

/** A server of one peer, which serves until the benchmark ends. */
export class Candidate implements AsyncDisposable {
  readonly #process: Process;
  readonly #url: string;

  private constructor(process: Process, url: string) {
    this.#process = process;
    this.#url = url;
  }

  /**
   * Starts the server of `peer`, sees that it answers what it should, and warms it up.
   *
   * @throws {Error} If it answers something else.
   */
  static async start({ path, answer, connections }: WebCase, peer: Peer, seconds: number): Promise<Candidate> {
    const port = await findFreePort();
    const url = `http://127.0.0.1:${port}${path}`;
    const process = await startServer(peer.command.map((part) => part.replace("PORT", String(port))));
    await untilItAnswers(process, url);
    const text = await (await fetch(url)).text();
    if (!answer.test(text)) throw new Error(`Cannot measure ${peer.title} as it answers ${url} with: ${text}`);
    await load(url, connections, seconds);
    return new Candidate(process, url);
  }

  /** Measures once: microseconds of CPU time for a request, and requests per second. */
  async measure({ connections }: WebCase, seconds: number): Promise<Measurement> {
    const before = cpuTimeOf(this.#process.pid);
    const { requests, perSecond } = await load(this.#url, connections, seconds);
    return { cpu: ((cpuTimeOf(this.#process.pid) - before) / requests) * 1e6, rate: perSecond };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}
