import assert from "node:assert/strict";
import { channel } from "node:diagnostics_channel";
import { once } from "node:events";
import { type AddressInfo, connect as openSocket, createServer, type Server, type Socket } from "node:net";
import { describe, test } from "node:test";
import { outside } from "../../asyncio/index.ts";
import { makeDriver } from "./_driver.ts";
import { connect } from "./connect.ts";
import { readSettings } from "./settings.ts";
import { type MongoDouble, startMongoDouble } from "./testing/start-mongo-double.ts";

describe("A socket of the driver that closes", { timeout: 30_000 }, () => {
  test(
    "Collection.findOne() is answered if it begins when the server has ended the connection that it takes",
    { timeout: 8_000 },
    async () => {
      await using double = await startMongoDouble();
      await using relay = await Relay.start(double);
      await using client = await connect(`${relay.url}/shop`);
      const things = client.collection("things");
      await things.insertOne({ _id: 1 });
      const [found] = await Promise.all([
        relay.inLastMoment(relay.newest, () => things.findOne()),
        relay.end(relay.newest),
      ]);
      assert.deepEqual(found, { _id: 1 });
    },
  );

  test(
    "makeDriver() makes a client that finds its server after the server ended the connection of a check",
    { timeout: 8_000 },
    async () => {
      await using double = await startMongoDouble();
      await using relay = await Relay.start(double);
      const { client } = await outside(makeDriver, readSettings(relay.url));
      try {
        const ping = (): Promise<unknown> => client.db("admin").command({ ping: 1 }, {});
        await ping();
        const [{ monitor }] = [...client.topology!.s!.servers!.values()] as unknown as [DriverInternals];
        const check = async (): Promise<void> => {
          monitor.monitorId.lastExecutionEnded = -Infinity;
          monitor.requestCheck();
        };
        const failed = once(client as never, "serverHeartbeatFailed");
        await Promise.all([relay.inLastMoment(relay.oldest, check), relay.end(relay.oldest)]);
        await failed;
        await ping();
      } finally {
        await client.close();
      }
    },
  );

  test(
    "Collection.insertOne() fails if the time limit of the socket runs out while it is written",
    { timeout: 8_000 },
    async () => {
      await using double = await startMongoDouble();
      await using relay = await Relay.start(double);
      await using client = await connect(`${relay.url}/shop`, { socketTimeout: 100 });
      relay.stall();
      const filler = "x".repeat(15_000_000);
      await assert.rejects(client.collection("things").insertOne({ filler }), { name: "MongoConnectionLost" });
    },
  );
});

/** What checks a server: at most twice a second, counted from the end of the last check. */
interface DriverInternals {
  readonly monitor: { readonly monitorId: { lastExecutionEnded: number }; requestCheck(): void };
}

/** Passes bytes between clients in this process and a double, and knows the clients' own sockets. */
class Relay implements AsyncDisposable {
  readonly #server: Server;
  readonly #opened: Socket[] = [];
  readonly #accepted: Socket[] = [];
  readonly #observe = (message: unknown): void => void this.#opened.push((message as { socket: Socket }).socket);

  private constructor(double: MongoDouble) {
    const port = Number(new URL(double.url).port);
    this.#server = createServer((accepted) => {
      const target = openSocket(port, "127.0.0.1");
      this.#accepted.push(accepted);
      for (const socket of [accepted, target]) socket.on("error", () => socket.destroy());
      accepted.on("close", () => target.destroy());
      accepted.pipe(target).pipe(accepted);
    });
    channel("net.client.socket").subscribe(this.#observe);
  }

  static async start(double: MongoDouble): Promise<Relay> {
    const relay = new Relay(double);
    relay.#server.listen(0, "127.0.0.1");
    await once(relay.#server, "listening");
    return relay;
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `mongodb://127.0.0.1:${this.#port}`;
  }

  /** The client's socket that was opened first: that of the driver's checks. */
  get oldest(): Socket {
    return this.#mine()[0]!;
  }

  /** The client's socket that was opened last. */
  get newest(): Socket {
    return this.#mine().at(-1)!;
  }

  #mine(): Socket[] {
    return this.#opened.filter(({ remotePort }) => remotePort === this.#port);
  }

  /** Calls `body` when `socket` is destroyed and has not emitted "close" yet. */
  async inLastMoment<T>(socket: Socket, body: () => Promise<T>): Promise<T> {
    let isClosed = false;
    socket.once("close", () => (isClosed = true));
    await once(socket, "finish");
    assert.ok(socket.destroyed && !isClosed);
    return body();
  }

  /** Ends the server's side of a connection, without a reset. */
  async end({ localPort }: Socket): Promise<void> {
    this.#accepted.find(({ remotePort }) => remotePort === localPort)!.end();
  }

  /** Reads nothing any more. */
  stall(): void {
    for (const socket of this.#accepted) socket.unpipe().pause();
    this.#server.on("connection", (socket) => socket.unpipe().pause());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    channel("net.client.socket").unsubscribe(this.#observe);
    for (const socket of this.#accepted) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}
