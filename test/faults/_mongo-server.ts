// A double of a MongoDB server in a process of its own, for tests that stop and kill it.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { outside, sleep } from "../../src/asyncio/index.ts";
import type { Order, Report } from "./_mongo-double.ts";

/** A server that was started for a test. */
export class MongoServer implements AsyncDisposable {
  #port = 0;
  #child: ChildProcess | undefined;
  #exited: Promise<unknown> = Promise.resolve();

  /** Starts one, on a free port of the loopback. */
  static async start(): Promise<MongoServer> {
    const server = new MongoServer();
    await server.restart();
    return server;
  }

  /** The port that it listens on, also after a restart. */
  get port(): number {
    return this.#port;
  }

  /** Where it listens, for a driver. */
  get url(): string {
    return `mongodb://127.0.0.1:${this.#port}`;
  }

  /** Starts it again, empty, on the same port. */
  async restart(): Promise<void> {
    const child = outside(() => fork(join(import.meta.dirname, "_mongo-double.ts"), [String(this.#port)]));
    this.#child = child;
    this.#exited = new Promise((resolve) => child.once("exit", resolve));
    const [{ url }] = (await once(child, "message")) as [Report];
    this.#port = Number(new URL(url!).port);
  }

  /** Has a command wait, which is not answered before {@link release}. */
  hold(command: string): void {
    this.#order({ hold: command });
  }

  /** Has the commands go on that were held. */
  release(command: string): void {
    this.#order({ release: command });
  }

  /** How often a command has come since the start. */
  async count(command: string): Promise<number> {
    const reply = once(this.#child!, "message") as Promise<[Report]>;
    this.#order({ count: command });
    const [{ count }] = await reply;
    return count!;
  }

  /** Waits until a command has come so often since the start. */
  async received(command: string, times = 1): Promise<void> {
    while ((await this.count(command)) < times) await sleep(1);
  }

  /** Sends it a signal. */
  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Kills it and waits until it is gone. */
  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.#exited;
  }

  /** Has it ended. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }

  #order(order: Order): void {
    this.#child!.send(order);
  }
}
