// Clients of an application that is replaced: each request has a connection of its own, and nothing is tried twice.

import { once } from "node:events";
import { get as getHttp, type IncomingMessage, type RequestOptions } from "node:http";
import { get as getHttps } from "node:https";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import type { Lifetime } from "../../../examples/_program.ts";

/** Where an application is served, as `node:http` takes it. */
export type Target = Pick<RequestOptions, "host" | "port" | "socketPath" | "headers" | "path"> & {
  readonly isSecure?: boolean;
};

/** An answer. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Asks on a connection of its own. */
export async function ask({ isSecure = false, ...options }: Target): Promise<Answer> {
  const all = { ...options, agent: false, rejectUnauthorized: false } as const;
  const request = isSecure ? getHttps(all) : getHttp(all);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  return { status: response.statusCode!, type: response.headers["content-type"] ?? "", body: await text(response) };
}

/** Connects, and waits until the system has taken the connection. */
export async function connectTo({ host, port, socketPath }: Target): Promise<Socket> {
  const socket = socketPath ? connect({ path: socketPath }) : connect({ host: host!, port: Number(port) });
  await once(socket, "connect");
  return socket;
}

/** A client that asks again and again, one request after the other. */
export class Asking {
  /** The answers, each as its status and its body. */
  readonly answers: string[] = [];
  /** How often a connection was refused, or a socket had no file. */
  refusals = 0;
  readonly #target: Target;
  readonly #done: Promise<void>;
  #isOver = false;

  constructor(context: Lifetime, target: Target) {
    this.#target = target;
    this.#done = this.#run();
    context.after(() => this.stop());
  }

  /** Asks no more, and waits for the last answer. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#done;
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      try {
        const { status, body } = await ask(this.#target);
        this.answers.push(`${status} ${body}`);
      } catch (error) {
        // Any other error is of a connection that a program had accepted before it ended.
        if (isRefusal(error)) this.refusals++;
      }
    }
  }
}

/** Whether an error says that nothing listens. */
export function isRefusal(error: unknown): boolean {
  return ["ECONNREFUSED", "ENOENT"].includes((error as NodeJS.ErrnoException).code ?? "");
}
