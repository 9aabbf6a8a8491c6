/** What the cases of the gateway's contract are made of: a client's view of a server, and views that wait to be told. */

import assert from "node:assert/strict";
import { Event, setExceptionHandler, sleep } from "../src/asyncio/index.ts";
import {
  type AccessEntry,
  type Application,
  ClientDisconnected,
  type Exchange,
  type ResponseHead,
} from "../src/http/index.ts";

/** A request as a client sends it. */
export interface ContractRequest {
  readonly method: string;
  readonly target: string;
  /** A body that is sent at once; or the length of one that is sent in pieces by `send`. */
  readonly body?: string | number;
}

/** A request that is under way, seen by its client. */
export interface ContractCall {
  /** Sends a piece of the body; resolves when it has left. */
  send(piece: Uint8Array): Promise<void>;
  head(): Promise<ResponseHead>;
  /** The next piece of the body; `undefined` at its end; throws if it is broken off. */
  read(): Promise<Uint8Array | undefined>;
}

/** A connection, seen by its client. */
export interface ContractConnection {
  request(request: ContractRequest): Promise<ContractCall>;
  /** Closes the connection. */
  leave(): void;
  /** Says that nothing more will be sent (FIN), and goes on reading. */
  halfClose(): void;
}

/** An application that is being served. */
export interface ContractServer extends AsyncDisposable {
  connect(): Promise<ContractConnection>;
}

/** What is to be tested. */
export interface Implementer {
  readonly name: string;
  /** How many requests of a connection run at a time, if they are sent without waiting. */
  readonly atOnce: number;
  /** Whether a client has an address. @default true */
  readonly hasPeer?: boolean;
  serve(app: Application, onAccess: (entry: AccessEntry) => void): Promise<ContractServer>;
}

export const megabyte: number = 2 ** 20;
export const plain: readonly string[] = ["Content-Type", "text/plain"];

/** A server, a connection to it, and the entries of its requests in the order in which they end. */
export interface Scene {
  readonly server: ContractServer;
  readonly connection: ContractConnection;
  readonly implementer: Implementer;
  readonly entry: () => Promise<AccessEntry>;
}

/** Defines a case: a title, the application, and what its client does. */
export type DefineCase = (title: string, handle: Application["handle"], body: (scene: Scene) => Promise<void>) => void;

/** Plays a case over one implementer. */
export async function play(
  implementer: Implementer,
  app: Application,
  body: (scene: Scene) => Promise<void>,
): Promise<void> {
  const entries: AccessEntry[] = [];
  const arrived = new Event();
  await using server = await implementer.serve(app, (entry) => {
    entries.push(entry);
    arrived.set();
  });
  const connection = await server.connect();
  const entry = async (): Promise<AccessEntry> => {
    while (entries.length === 0) {
      arrived.clear();
      await arrived.wait();
    }
    return entries.shift() as AccessEntry;
  };
  try {
    await body({ server, connection, implementer, entry });
  } finally {
    connection.leave();
  }
  assert.deepEqual(
    entries.filter(({ outcome }) => outcome.kind === "failed"),
    [],
  );
}

export function assertDisconnected({ outcome }: AccessEntry): void {
  assert.equal(outcome.kind, "cancelled");
  assert(outcome.kind === "cancelled" && outcome.reason instanceof ClientDisconnected);
}

export async function readAll(call: ContractCall): Promise<string> {
  const chunks: Uint8Array[] = [];
  for (let chunk = await call.read(); chunk !== undefined; chunk = await call.read()) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

export async function readText(call: ContractCall): Promise<string | undefined> {
  const chunk = await call.read();
  return chunk && Buffer.from(chunk).toString();
}

/** Gives the other side time until it has come to rest. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(20);
}

/** Runs `body`, and returns what was reported to the exception handler meanwhile. */
export async function collectReports(body: () => Promise<void>): Promise<string[]> {
  const reports: string[] = [];
  const before = setExceptionHandler(({ message, error }) => reports.push(`${message}: ${(error as Error).message}`));
  try {
    await body();
  } finally {
    setExceptionHandler(before);
  }
  return reports;
}

/** A view that waits until it is told or cancelled. */
export class Parked {
  cleaned = false;
  readonly #entered = new Event();
  readonly #released = new Event();

  readonly wait = async (exchange: Exchange): Promise<void> => {
    this.cleaned = false;
    this.#released.clear();
    this.enter();
    try {
      await this.#released.wait();
      await exchange.respond(200, plain, "woken");
    } finally {
      await sleep(1);
      this.cleaned = true;
    }
  };

  readonly readAndWait = async (exchange: Exchange): Promise<void> => {
    while ((await exchange.read()) !== undefined);
    await this.wait(exchange);
  };

  enter(): void {
    this.#entered.set();
  }

  release(): void {
    this.#released.set();
  }

  /** Waits until somebody has entered who was not waited for yet. */
  async entered(): Promise<void> {
    await this.#entered.wait();
    this.#entered.clear();
  }
}

/** Streams without end, counted. */
export class Streams {
  open = 0;
  pieces = 0;
  #last = -1;

  async *endless(): AsyncGenerator<Uint8Array> {
    this.open++;
    try {
      for (;;) {
        this.pieces++;
        yield Buffer.alloc(65_536);
      }
    } finally {
      this.open--;
    }
  }

  /** Whether no piece was made since it was last asked. */
  waits(before: number): boolean {
    const still = this.pieces > before && this.pieces === this.#last;
    this.#last = this.pieces;
    return still;
  }
}
