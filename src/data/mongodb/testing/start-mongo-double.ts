import { createServer, type Server, type Socket } from "node:net";
import { callExceptionHandler, Event, outside, park } from "../../../asyncio/index.ts";
import { option } from "../../../base/options.ts";
import { checkOptions } from "../../shared/check-options.ts";
import { type Doc, type Engine, loadEngine } from "./_engine.ts";
import { execute, nameOf } from "./commands.ts";
import { Cursors } from "./cursors.ts";
import { Store } from "./store.ts";
import { Incoming, readMessage, type WireRequest, writeReply } from "./wire.ts";

/** Options of {@link startMongoDouble}. */
export interface MongoDoubleOptions {
  /** The port on the loopback interface. @default 0, which takes a free one */
  readonly port?: number;
  /**
   * Called when a client has sent bytes that are not a message. Its connection is closed.
   *
   * @default reports the error like an unhandled error
   */
  readonly onError?: (error: Error) => void;
}

/** A command that a client sent. */
export interface MongoCall {
  /** The name of the command: `find`, `insert`. */
  readonly name: string;
  /** The document of the command. */
  readonly command: Readonly<Record<string, unknown>>;
}

/** Current counts of a double, for monitoring. */
export interface MongoDoubleStatistics {
  /** The number of open connections. */
  readonly connections: number;
  /** The number of open cursors. */
  readonly cursors: number;
  /** The number of commands that are held or delayed. */
  readonly waiting: number;
}

/** A command that is held or delayed. */
interface Waiting {
  readonly socket: Socket;
  readonly request: WireRequest;
}

// Commands that drivers send without a call of the application.
const chatter: ReadonlySet<string> = new Set(["hello", "isMaster", "ismaster", "endSessions"]);

/**
 * Starts a small server that speaks MongoDB's wire protocol and keeps its data in memory. Code that uses MongoDB can be
 * tested with it and the real driver, without a real server.
 *
 * The double knows the ordinary commands of collections, and refuses all others. It has no transactions, change
 * streams, replicas and access control, and its indexes only keep values unique. A test that passes here may fail on
 * MongoDB: run the same tests on a real server as well.
 *
 * @throws {MissingPackageError} If bson or mingo is not installed.
 * @throws {Error} If the port is taken.
 * @example
 * import { connect } from "pottle/mongodb";
 * await using double = await startMongoDouble();
 * await using client = await connect(`${double.url}/shop`);
 * await client.collection("fruits").insertOne({ name: "apple" });
 * console.log(await client.collection("fruits").countDocuments()); // 1
 */
export async function startMongoDouble(options: MongoDoubleOptions = {}): Promise<MongoDouble> {
  checkOptions("start a double of MongoDB", options, ["port", "onError"]);
  const double = new MongoDouble(await loadEngine(), options);
  await double.listen(options.port ?? 0);
  return double;
}

/** A running double. Made by {@link startMongoDouble}. */
export class MongoDouble implements AsyncDisposable {
  readonly #engine: Engine;
  readonly #store: Store;
  readonly #cursors: Cursors;
  readonly #onError: (error: Error) => void;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #calls: MongoCall[] = [];
  readonly #arrived = new Event({ name: "mongo double call" });
  readonly #delays = new Map<string, number>();
  readonly #held = new Map<string, Waiting[]>();
  readonly #delayed = new Map<Waiting, NodeJS.Timeout>();
  #port = 0;

  /** @internal Use {@link startMongoDouble}. */
  constructor(engine: Engine, options: MongoDoubleOptions) {
    this.#engine = engine;
    this.#store = new Store(engine);
    this.#cursors = new Cursors(engine);
    this.#onError = options.onError ?? ((error) => callExceptionHandler({ message: "Double of MongoDB", error }));
    this.#server = createServer((socket) => this.#connected(socket));
  }

  /** The URL of the double for a driver: `mongodb://127.0.0.1:…`. */
  get url(): string {
    return `mongodb://127.0.0.1:${this.#port}`;
  }

  /** The received commands in their order, without those that drivers send without a call. */
  get calls(): readonly MongoCall[] {
    return this.#calls;
  }

  /** Current counts, for monitoring. */
  statistics(): MongoDoubleStatistics {
    const held = [...this.#held.values()].reduce((total, line) => total + line.length, 0);
    return { connections: this.#sockets.size, cursors: this.#cursors.size, waiting: held + this.#delayed.size };
  }

  /**
   * Delays a command by `ms` milliseconds from now on; 0 ends the delay. A delayed command is not executed if its
   * client disconnects.
   *
   * @throws {RangeError} If `ms` is negative.
   */
  delay(command: string, ms: number): void {
    this.#delays.set(command, option(`delay ${command}`, "ms", ms).milliseconds({ from: 0 }));
  }

  /**
   * Holds a command until the returned function is called. A held command is not executed if its client disconnects.
   *
   * @example
   * await using double = await startMongoDouble();
   * const release = double.hold("find");
   * release();
   */
  hold(command: string): () => void {
    const line = this.#held.get(command) ?? [];
    this.#held.set(command, line);
    return () => {
      if (this.#held.get(command) !== line) return;
      this.#held.delete(command);
      for (const waiting of line) this.#answer(waiting);
    };
  }

  /** Waits until a command has been received `times` times since the start. */
  async received(command: string, times = 1): Promise<void> {
    while (this.#calls.filter(({ name }) => name === command).length < times) {
      this.#arrived.clear();
      await this.#arrived.wait();
    }
  }

  /** Closes all connections at once, like a failing network. */
  dropConnections(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Removes all data. */
  clear(): void {
    this.#store.clear();
  }

  /** Stops the double. Its data is lost. */
  async stop(): Promise<void> {
    for (const timer of this.#delayed.values()) clearTimeout(timer);
    this.#delayed.clear();
    this.#held.clear();
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    await park<void>({ kind: "listen", name: this.url }, (wait) => {
      this.#server.close(() => wait.wake());
    });
  }

  /** Stops the double. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** @internal */
  async listen(port: number): Promise<void> {
    const server = this.#server;
    await park<void>({ kind: "listen", name: `127.0.0.1:${port}` }, (wait) => {
      const refuse = (error: Error): boolean => wait.fail(error);
      server.once("error", refuse);
      outside(() =>
        server.listen(port, "127.0.0.1", () => {
          server.off("error", refuse);
          wait.wake();
        }),
      );
    });
    const address = server.address();
    this.#port = typeof address === "object" && address !== null ? address.port : port;
  }

  #connected(socket: Socket): void {
    this.#sockets.add(socket);
    // A waiting command of a client that has disconnected is not executed.
    socket.on("end", () => this.#left(socket));
    socket.on("close", () => this.#left(socket));
    socket.on("error", () => socket.destroy());
    const incoming = new Incoming();
    socket.on("data", (chunk: Buffer) => {
      try {
        if (incoming.add(chunk)) incoming.keep(this.#read(socket, incoming.take()));
      } catch (error) {
        socket.destroy();
        this.#onError(error as Error);
      }
    });
  }

  /** Handles all complete messages. Returns the remaining bytes. */
  #read(socket: Socket, bytes: Buffer): Buffer {
    let rest = bytes;
    for (let next = readMessage(this.#engine, rest); next !== undefined; next = readMessage(this.#engine, rest)) {
      rest = next.rest;
      this.#received(socket, next.request);
    }
    return rest;
  }

  #received(socket: Socket, request: WireRequest): void {
    const name = nameOf(request.body);
    if (!chatter.has(name)) {
      this.#calls.push({ name, command: request.body });
      this.#arrived.set();
    }
    const line = this.#held.get(name);
    if (line !== undefined) line.push({ socket, request });
    else this.#after(this.#delays.get(name) ?? 0, { socket, request });
  }

  #after(ms: number, waiting: Waiting): void {
    if (ms === 0) return this.#answer(waiting);
    const answer = (): void => {
      this.#delayed.delete(waiting);
      this.#answer(waiting);
    };
    this.#delayed.set(waiting, setTimeout(answer, ms));
  }

  #answer({ socket, request }: Waiting): void {
    const context = { engine: this.#engine, store: this.#store, cursors: this.#cursors };
    const reply: Doc = execute(context, request);
    if (request.wantsReply && socket.writable) socket.write(writeReply(this.#engine, request, reply));
  }

  #left(socket: Socket): void {
    this.#sockets.delete(socket);
    for (const line of this.#held.values()) {
      line.splice(0, Infinity, ...line.filter((waiting) => waiting.socket !== socket));
    }
    for (const [waiting, timer] of this.#delayed) {
      if (waiting.socket !== socket) continue;
      clearTimeout(timer);
      this.#delayed.delete(waiting);
    }
  }
}
