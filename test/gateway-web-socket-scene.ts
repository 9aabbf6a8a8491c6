/** What the cases of WebSockets are made of: a client's view of one, and servers that may be reached in several ways. */

import assert from "node:assert/strict";
import { Event, sleep } from "../src/asyncio/index.ts";
import type { AccessEntry, Application, ResponseHead, WebSocketConnection } from "../src/http/index.ts";
import { ClientDisconnected } from "../src/http/index.ts";

/** A message, either way. */
export type Message = string | Uint8Array;

/** A request for a WebSocket. */
export interface SocketRequest {
  readonly target?: string;
  readonly subprotocols?: readonly string[];
}

/** A WebSocket as its client has it. */
export interface ContractSocket {
  /** The head of the answer. */
  head(): Promise<ResponseHead>;
  /** The body of a rejection. */
  body(): Promise<string>;
  /** Sends a message; resolves when it has left. */
  send(message: Message): Promise<void>;
  /** The next message; throws a `WebSocketClosed` at the end, with 1006 if there was no Close. */
  receive(): Promise<Message>;
  /** Sends a Close. */
  close(code?: number, reason?: string): Promise<void>;
  /** Reads nothing more. */
  pause(): void;
  resume(): void;
  /** Ends the connection without a Close. */
  vanish(): void;
}

/** How an application is served. */
export interface SocketServerOptions {
  readonly onAccess: (entry: AccessEntry) => void;
  readonly closeTimeout: number;
  readonly messageBuffer: number;
  readonly cancelGrace: number;
}

/** An application that is being served. */
export interface SocketServer extends AsyncDisposable {
  open(request: SocketRequest): Promise<ContractSocket>;
}

/** What is to be tested. */
export interface SocketImplementer {
  readonly name: string;
  /** The status of an accepted WebSocket. */
  readonly accepted: number;
  serve(app: Application, options: SocketServerOptions): Promise<SocketServer>;
}

/** A server, and the entries of its WebSockets in the order in which they end. */
export interface SocketScene {
  readonly accepted: number;
  readonly open: (request?: SocketRequest) => Promise<ContractSocket>;
  readonly entry: () => Promise<AccessEntry>;
}

export type View = (connection: WebSocketConnection) => Promise<void>;

/** Defines a case: a title, the application, and what its client does. */
export type DefineSocketCase = (
  title: string,
  view: View,
  body: (scene: SocketScene) => Promise<void>,
  options?: Partial<SocketServerOptions>,
) => void;

/** Plays a case over one implementer. */
export async function playSocket(
  implementer: SocketImplementer,
  view: View,
  body: (scene: SocketScene) => Promise<void>,
  options: Partial<SocketServerOptions> = {},
): Promise<void> {
  const entries: AccessEntry[] = [];
  const arrived = new Event();
  const onAccess = (entry: AccessEntry): void => {
    entries.push(entry);
    arrived.set();
  };
  const app: Application = { handle: (exchange) => exchange.respond(200, [], "plain"), websocket: view };
  const usual = { onAccess, closeTimeout: 10_000, messageBuffer: 65_536, cancelGrace: 20 };
  await using server = await implementer.serve(app, { ...usual, ...options });
  const sockets: ContractSocket[] = [];
  const open = async (request: SocketRequest = {}): Promise<ContractSocket> => {
    const socket = await server.open(request);
    sockets.push(socket);
    return socket;
  };
  const entry = async (): Promise<AccessEntry> => {
    while (entries.length === 0) {
      arrived.clear();
      await arrived.wait();
    }
    return entries.shift() as AccessEntry;
  };
  try {
    await body({ accepted: implementer.accepted, open, entry });
  } finally {
    for (const socket of sockets) socket.vanish();
  }
  assert.deepEqual(
    entries.filter(({ outcome }) => outcome.kind === "failed"),
    [],
  );
}

export function assertVanished({ outcome }: AccessEntry): void {
  assert(outcome.kind === "cancelled" && outcome.reason instanceof ClientDisconnected, `outcome is ${outcome.kind}`);
}

/** The code and the reason with which a client's WebSocket is closed, once all messages before that were received. */
export async function closeOf(socket: ContractSocket): Promise<string> {
  try {
    for (;;) await socket.receive();
  } catch (error) {
    const { code, reason } = error as { code?: number; reason?: string };
    return `${code}${reason ? ` ${reason}` : ""}`;
  }
}

/** Waits until a count has not changed for several looks, and returns it: the other side has come to rest. */
export async function settled(count: () => number): Promise<number> {
  let last = 0;
  for (let looks = 0; looks < 4 || last === 0; looks++) {
    await sleep(20);
    if (count() !== last) looks = 0;
    last = count();
  }
  return last;
}
