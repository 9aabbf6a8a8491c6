/** What the clients of these tests are answered: one application with everything that they ask for. */

import { createTask, Event, sleep } from "../../src/asyncio/index.ts";
import type { Application, Exchange, WebSocketConnection } from "../../src/http/index.ts";
import { html, type HttpRequest, makeResponse, Pottle } from "../../src/web/index.ts";

/** The file that is served as `/static/letters.txt`: ten times the alphabet. */
export const letters: string = "abcdefghijklmnopqrstuvwxyz".repeat(10);

/** A place where a view waits until it is told to go on, or its client leaves. */
export class Stop {
  /** Whether the view has come here. */
  readonly entered: Event = new Event();
  readonly go: Event = new Event();
  /** When the view was cancelled, as `performance.now()` has it; `Infinity` if it was not. */
  cancelledAt: number = Infinity;
  /** Whether the `finally` of the view has run to its end. */
  isClean = false;
  /** Whether the task that the view has started has ended. */
  hasChildEnded = false;

  /** Runs `wait`, with a task beside it, and keeps how it ends. */
  async watch<T>(wait: () => Promise<T>): Promise<T> {
    createTask(() => this.#live());
    try {
      return await wait();
    } catch (error) {
      this.cancelledAt = performance.now();
      throw error;
    } finally {
      await sleep(1);
      this.isClean = true;
    }
  }

  /** Waits until it is told to go on. */
  async wait(): Promise<void> {
    this.entered.set();
    await this.go.wait();
  }

  async #live(): Promise<void> {
    try {
      await sleep(60_000);
    } finally {
      this.hasChildEnded = true;
    }
  }
}

/** The stops of an application, by the names that clients give them. */
export class Stops {
  readonly #all = new Map<string, Stop>();

  at(name: string): Stop {
    const stop = this.#all.get(name) ?? new Stop();
    this.#all.set(name, stop);
    return stop;
  }
}

/** The application. Files below `folder` are served at `/static`. */
export function makeApplication(stops: Stops, folder: string): Application {
  const app = new Pottle({ dirname: folder });
  app.static("/static", folder);
  app.get("/", (_, { httpVersion, scheme }) => `Hello by HTTP/${httpVersion} and ${scheme}`);
  app.get("/large", () => Buffer.alloc(10_000_000, "x"));
  app.get("/pieces", async function* () {
    for (const piece of ["one ", "two ", "three"]) yield piece;
  });
  app.route("/length", { methods: ["POST", "PUT"] }, async (_, request) => `${await countBody(request)} bytes`);
  app.put("/unwanted", () => makeResponse("not wanted", 413));
  app.get("/page", () => page);
  app.get("/events", () => makeResponse(countUp(), 200, { "Content-Type": "text/event-stream" }));
  routeStops(app, stops);
  return {
    lifespan: app.lifespan,
    handle: (exchange) => (special[exchange.target] ?? ((it: Exchange) => app.handle(it)))(exchange),
    websocket: (connection) => echo(connection, stops),
  };
}

/** Routes what stays until it is told to go on. Each is said to have stayed. */
function routeStops(app: Pottle, stops: Stops): void {
  const waits = async ({ name }: { name: string }): Promise<string> => {
    const stop = stops.at(name);
    await stop.watch(() => stop.wait());
    return "stayed";
  };
  app.route("/wait/<name>", { methods: ["GET", "POST"] }, waits);
  app.post("/read/<name>", async ({ name }, request) => {
    await request.bytes();
    return waits({ name });
  });
  app.get("/stream/<name>", ({ name }) => makeResponse(stream(stops.at(name), ["st", "ayed"])));
  app.get("/events/<name>", ({ name }) =>
    makeResponse(stream(stops.at(name), ["data: st\n\n", "data: ayed\n\n"]), 200, {
      "Content-Type": "text/event-stream",
    }),
  );
  app.post("/upload/<name>", async ({ name }, request) => {
    const stop = stops.at(name);
    await stop.watch(async () => {
      for await (const _ of request.body) stop.entered.set();
    });
    return "stayed";
  });
}

async function* stream(stop: Stop, [begin, end]: readonly [string, string]): AsyncGenerator<string> {
  yield begin;
  await stop.watch(() => stop.wait());
  yield end;
}

async function* countUp(): AsyncGenerator<string> {
  for (let i = 1; ; i++) {
    yield `data: ${i}\n\n`;
    await sleep(5);
  }
}

async function countBody(request: HttpRequest): Promise<number> {
  let length = 0;
  for await (const chunk of request.body) length += chunk.byteLength;
  return length;
}

/** What only the gateway has. */
const special: Readonly<Record<string, Application["handle"]>> = {
  async "/hints"(exchange) {
    exchange.sendEarlyHints(["Link", "</app.css>; rel=preload"]);
    await exchange.respond(200, ["Content-Type", "text/plain"], "hinted");
  },
  async "/trailers"(exchange) {
    async function* body(): AsyncGenerator<string> {
      yield "the body";
    }
    await exchange.respond(200, ["Trailer", "X-Sum"], body(), { trailers: () => ["X-Sum", "8"] });
  },
};

async function echo(connection: WebSocketConnection, stops: Stops): Promise<void> {
  const [, name] = /^\/wait\/(\w+)$/.exec(connection.target) ?? [];
  await connection.accept();
  if (name !== undefined) {
    const stop = stops.at(name);
    await connection.send("st");
    await stop.watch(() => stop.wait());
    return await connection.send("ayed");
  }
  for (;;) await connection.send(await connection.receive());
}

const page = html`<!doctype html>
  <title>A page</title>
  <link rel="icon" href="data:," />
  <p id="said">nothing</p>`;
