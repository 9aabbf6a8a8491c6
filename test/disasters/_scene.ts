/** What the disasters share: a server with small limits, a neighbour that goes on asking, crowds of clients, and counts. */

import { readdirSync } from "node:fs";
import { Agent, get, type IncomingMessage, type RequestOptions } from "node:http";
import { Agent as TlsAgent, get as tlsGet } from "node:https";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { AccessEntry, Application, Exchange } from "../../src/http/index.ts";
import { type RunningServer, serve, type ServeOptions } from "../../src/server/index.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** How often something is looked at that tells nobody when it changes, in milliseconds. */
const lookPause = 5;

/** Waits until something holds. The time limit of the test bounds it. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await delay(lookPause);
}

/** Asks for something; returns the response once its head is there. */
export function respond(request: RequestOptions, ask: typeof get = get): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    ask(request, resolve).once("error", reject);
  });
}

/** How many bytes of the heap are in use once garbage was collected. */
export function heapUsed(): number {
  for (let i = 0; i < 3; i++) collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** Whether this system tells how many descriptors a process has. */
export const countsDescriptors: boolean = process.platform === "linux";

/** How many descriptors this process has open. */
export function descriptors(): number {
  return readdirSync("/proc/self/fd").length;
}

/** A server, and the entries of its access log that are not of neighbours. */
export class Scene implements AsyncDisposable {
  readonly server: RunningServer;
  readonly entries: readonly AccessEntry[];

  private constructor(server: RunningServer, entries: readonly AccessEntry[]) {
    this.server = server;
    this.entries = entries;
  }

  /** Serves an application, which need not know neighbours. */
  static async open(
    handle: Application["handle"],
    options: ServeOptions = {},
    websocket?: Application["websocket"],
  ): Promise<Scene> {
    const entries: AccessEntry[] = [];
    const onAccess = (entry: AccessEntry): void => {
      if (entry.target !== "/neighbour") entries.push(entry);
    };
    const both = (exchange: Exchange): void | PromiseLike<void> =>
      exchange.target === "/neighbour" ? exchange.respond(200, [], "served") : handle(exchange);
    const app = { handle: both, ...(websocket && { websocket }) };
    const server = await serve(app, { port: 0, drainTimeout: 0, cancelGrace: 100, onAccess, ...options });
    return new Scene(server, entries);
  }

  /** Opens one connection. */
  connect(): Socket {
    return connect({ port: this.server.address.port, host: "127.0.0.1", noDelay: true });
  }

  /** Waits until the server has no connection and no request but those of the neighbour. */
  async untilAlone(neighbours = 1): Promise<void> {
    await until(() => this.server.statistics().connections <= neighbours && this.server.statistics().requests === 0);
  }

  /** How many entries there are of each outcome, as `408 refused`. */
  outcomes(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { status, outcome } of this.entries) {
      const name = `${status ?? "-"} ${outcome.kind}`;
      counts[name] = (counts[name] ?? 0) + 1;
    }
    return counts;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close();
  }
}

/** A client that behaves, and asks one thing after the other on one connection. */
export class Neighbour implements AsyncDisposable {
  /** How many answers it has had. */
  answers = 0;
  /** How long the slowest of them took, in milliseconds. */
  slowest = 0;
  readonly #agent: Agent;
  readonly #get: typeof get;
  readonly #request: RequestOptions;
  readonly #run: Promise<void>;
  #isOver = false;

  constructor({ server }: Scene) {
    const { scheme, port } = server.address;
    const isSecure = scheme === "https";
    this.#agent = isSecure
      ? new TlsAgent({ keepAlive: true, rejectUnauthorized: false })
      : new Agent({ keepAlive: true });
    this.#get = isSecure ? tlsGet : get;
    this.#request = { host: "127.0.0.1", port, path: "/neighbour", agent: this.#agent };
    this.#run = this.#ask();
    // It is thrown by the disposal.
    this.#run.catch(() => undefined);
  }

  /** Waits for `count` more answers. */
  async more(count: number): Promise<void> {
    const goal = this.answers + count;
    await Promise.race([until(() => this.answers >= goal), this.#run]);
  }

  /** Ends it after its last answer; throws what went wrong. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    try {
      await this.#run;
    } finally {
      this.#agent.destroy();
    }
  }

  async #ask(): Promise<void> {
    while (!this.#isOver) {
      const begun = performance.now();
      const body = await text(await respond(this.#request, this.#get));
      if (body !== "served") throw new Error(`The neighbour was told '${body}'`);
      this.slowest = Math.max(this.slowest, performance.now() - begun);
      this.answers++;
      await delay(lookPause);
    }
  }
}

/** Many connections whose clients do the same. */
export class Crowd {
  readonly sockets: readonly Socket[];
  /** How long each connection was open, in milliseconds, once it is closed. */
  readonly times: readonly number[];

  private constructor(sockets: readonly Socket[], times: number[]) {
    this.sockets = sockets;
    this.times = times;
  }

  /**
   * Opens `count` connections, and waits until the server has accepted all. What they fail with is not told.
   *
   * @param isBrief Whether the server closes them soon, so that they are never there all at once.
   */
  static async gather(scene: Scene, count: number, isBrief = false): Promise<Crowd> {
    const sockets: Socket[] = [];
    const times: number[] = [];
    const before = scene.server.statistics().connections;
    while (sockets.length < count) {
      for (let i = 0; i < 200 && sockets.length < count; i++) {
        const begun = performance.now();
        const socket = scene.connect().on("error", () => undefined);
        socket.on("close", () => times.push(performance.now() - begun));
        sockets.push(socket);
      }
      if (isBrief) await until(() => sockets.every((socket) => !socket.connecting));
      else await until(() => scene.server.statistics().connections >= before + sockets.length);
    }
    return new Crowd(sockets, times);
  }

  /** Waits until all are closed. */
  async gone(): Promise<void> {
    await until(() => this.times.length === this.sockets.length);
  }
}
