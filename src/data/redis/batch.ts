import { InvalidStateError } from "../../asyncio/index.ts";
import { wrongType } from "../../base/refusal.ts";
import { callDriver } from "../shared/call-driver.ts";
import { isBlocking, whyUnsuitable } from "./command-kinds.ts";
import { RedisBatchError, RedisReplyError } from "./errors.ts";
import type { Wire } from "./wire.ts";
import type { Request } from "./request.ts";

/** The replies to several requests, in their order. */
export type Replies<R extends readonly Request<unknown>[]> = {
  -readonly [I in keyof R]: R[I] extends Request<infer T> ? T : never;
};

/** @internal Refuses requests that must not be sent over a shared connection or in a batch. */
export function checkBatch(action: string, batch: readonly Request<unknown>[]): void {
  if (!isArray(batch)) throw wrongType(action, "an array of requests is needed", batch);
  for (const { name, args } of batch) {
    const reason = whyUnsuitable(name, args) ?? (isBlocking(name, args) ? "it would wait on the server" : undefined);
    if (reason !== undefined) throw new InvalidStateError(`Cannot ${action} with ${name} in it: ${reason}`);
  }
}

/** @internal Sends requests in one write, and waits for all replies. */
export async function sendPipeline(wire: Wire, batch: readonly Request<unknown>[]): Promise<unknown[]> {
  const resource = { kind: "redis pipeline", name: describe(batch) };
  return readAll("execute the pipeline", batch, await callDriver(resource, () => sendAll(wire, batch)));
}

/** @internal Sends requests as a transaction in one write, and waits for all replies. */
export async function sendTransaction(wire: Wire, batch: readonly Request<unknown>[]): Promise<unknown[]> {
  const resource = { kind: "redis transaction", name: describe(batch) };
  const [, ...queued] = await callDriver(resource, () => sendAll(wire, [multi, ...batch, exec(batch)]));
  const result = queued.pop();
  if (Array.isArray(result)) return readAll("execute the transaction", batch, result as unknown[]);
  // The transaction was not executed; the replies to the commands that could not be queued give the reason.
  const reasons = queued.some(isError) ? queued : queued.map(() => result);
  throw new RedisBatchError("execute the transaction", reasons);
}

const multi: Request<unknown> = { name: "MULTI", args: [], binary: false, read: (reply) => reply };

// EXEC returns all replies in one. Its strings are read as bytes if any of the requests needs bytes.
function exec(batch: readonly Request<unknown>[]): Request<unknown> {
  return { ...multi, name: "EXEC", binary: batch.some(({ binary }) => binary) };
}

async function sendAll(wire: Wire, batch: readonly Request<unknown>[]): Promise<unknown[]> {
  const sent: Promise<unknown>[] = [];
  wire.together(() => {
    for (const request of batch) sent.push(wire.send(request));
  });
  const outcomes = await Promise.allSettled(sent);
  const lost = outcomes.find((o) => o.status === "rejected" && !(o.reason instanceof RedisReplyError));
  if (lost !== undefined) throw (lost as PromiseRejectedResult).reason;
  return outcomes.map((outcome) => (outcome.status === "fulfilled" ? outcome.value : (outcome.reason as unknown)));
}

function readAll(action: string, batch: readonly Request<unknown>[], replies: readonly unknown[]): unknown[] {
  const results = batch.map((request, index) => readOne(request, replies[index]));
  if (results.some(isError)) throw new RedisBatchError(action, results);
  return results;
}

function readOne({ name, read }: Request<unknown>, reply: unknown): unknown {
  if (reply instanceof RedisReplyError) return reply;
  if (isError(reply)) return new RedisReplyError(name, reply.message);
  try {
    return read(reply, name);
  } catch (error) {
    return error;
  }
}

function isArray(value: unknown): boolean {
  return Array.isArray(value);
}

function isError(reply: unknown): reply is Error {
  return reply instanceof Error;
}

function describe(batch: readonly Request<unknown>[]): string {
  const names = batch.slice(0, 3).map(({ name }) => name);
  return batch.length > 3 ? `${names.join(" ")} … (${batch.length})` : names.join(" ");
}
