/** A client that sends bytes as they are and keeps what comes back: nothing here knows which engine serves. */

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Event } from "../../src/asyncio/index.ts";
import { testedEngine } from "./_engine.ts";
import type { AccessEntry, Application, Exchange } from "../../src/http/index.ts";
import { type RunningServer, serve, type ServeOptions } from "../../src/server/index.ts";

/** A connection to a server, byte by byte. */
export class Wire {
  /** Everything that was received. */
  received = "";
  /** What the connection failed with. */
  error: Error | undefined;
  /** Whether the server has ended the connection. */
  isClosed = false;
  readonly #socket: Socket;
  readonly #changed = new Event();

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.received += chunk.toString("latin1");
      this.#changed.set();
    });
    socket.on("error", (error) => {
      this.error = error;
      this.#end();
    });
    socket.on("end", () => this.#end());
    socket.on("close", () => this.#end());
  }

  static async open({ address: { host, port } }: RunningServer): Promise<Wire> {
    const socket = connect({ host, port, allowHalfOpen: true });
    await once(socket, "connect");
    return new Wire(socket);
  }

  send(...lines: readonly string[]): this {
    this.#socket.write(lines.join("\r\n"), "latin1");
    return this;
  }

  /** Waits until what was received matches, or the connection has ended. */
  until(pattern: RegExp): Promise<string> {
    return this.#untilTrue(() => pattern.test(this.received));
  }

  /** Waits until so many bytes were received, or the connection has ended. */
  untilLength(length: number): Promise<string> {
    return this.#untilTrue(() => this.received.length >= length);
  }

  async #untilTrue(isTrue: () => boolean): Promise<string> {
    while (!isTrue() && !this.isClosed) {
      this.#changed.clear();
      await this.#changed.wait();
    }
    return this.received;
  }

  /** Waits until the server has ended the connection; returns everything that was received. */
  closed(): Promise<string> {
    return this.until(/(?!)/);
  }

  /** Says that nothing more will be sent, and goes on reading. */
  halfClose(): void {
    this.#socket.end();
  }

  /** No longer reads. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** How many bytes could not be sent yet. */
  get unsent(): number {
    return this.#socket.writableLength;
  }

  /** How many bytes were read. */
  get bytesRead(): number {
    return this.#socket.bytesRead;
  }

  leave(): void {
    this.#socket.destroy();
  }

  /** Leaves without a word (RST). */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  #end(): void {
    this.isClosed = true;
    this.#changed.set();
  }
}

/** The statuses of the answers in what was received, in their order. */
export function statuses(received: string): number[] {
  return [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}

/** A server and the entries of its access log. */
export class Scene implements AsyncDisposable {
  readonly server: RunningServer;
  readonly entries: AccessEntry[];
  readonly #arrived: Event;
  readonly #wires: Wire[] = [];

  constructor(server: RunningServer, entries: AccessEntry[], arrived: Event) {
    this.server = server;
    this.entries = entries;
    this.#arrived = arrived;
  }

  async open(): Promise<Wire> {
    const wire = await Wire.open(this.server);
    this.#wires.push(wire);
    return wire;
  }

  /** Waits until the access log has `count` entries. */
  async entriesOf(count: number): Promise<AccessEntry[]> {
    while (this.entries.length < count) {
      this.#arrived.clear();
      await this.#arrived.wait();
    }
    return this.entries;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const wire of this.#wires) wire.leave();
    await this.server.close();
  }
}

/** Serves an application on a free port. */
export async function play(app: Application | Application["handle"], options: ServeOptions = {}): Promise<Scene> {
  const entries: AccessEntry[] = [];
  const arrived = new Event();
  const onAccess = (entry: AccessEntry): void => {
    entries.push(entry);
    arrived.set();
  };
  const usual = { port: 0, engine: testedEngine(), drainTimeout: 0, cancelGrace: 100, onAccess };
  const server = await serve(typeof app === "function" ? { handle: app } : app, { ...usual, ...options });
  return new Scene(server, entries, arrived);
}

/** Answers with the target. */
export function echoTarget(exchange: Exchange): Promise<void> {
  return exchange.respond(200, [], exchange.target);
}

/** Answers with the length of the body. */
export async function countBody(exchange: Exchange): Promise<void> {
  let length = 0;
  for (let chunk = await exchange.read(); chunk !== undefined; chunk = await exchange.read())
    length += chunk.byteLength;
  await exchange.respond(200, [], `${length} bytes`);
}
