import { cannot } from "../../base/refusal.ts";
import type { Argument } from "./command-kinds.ts";

/** A command that can be sent, and how its reply is read. Made by the methods of {@link RedisRequests}. */
export interface Request<T> {
  /** The command, in capitals. */
  readonly name: string;
  /** @internal What follows it. */
  readonly args: readonly (string | Buffer)[];
  /** @internal Whether strings of the reply are given as bytes. */
  readonly binary: boolean;
  /** @internal Makes the result of the server's reply. */
  readonly read: (reply: unknown) => T;
}

/** @internal How a request differs from a plain one. */
export interface RequestOptions<T> {
  readonly binary?: boolean;
  readonly read?: (reply: unknown) => T;
}

/**
 * @internal Makes a request.
 *
 * @throws {TypeError} If an argument is neither text nor a number nor bytes.
 */
export function makeRequest<T>(name: string, args: readonly Argument[], options: RequestOptions<T> = {}): Request<T> {
  const { binary = false, read = asItIs<T> } = options;
  return { name, args: args.map((arg, index) => toWire(name, arg, index)), binary, read };
}

function asItIs<T>(reply: unknown): T {
  return reply as T;
}

function toWire(name: string, arg: unknown, index: number): string | Buffer {
  if (typeof arg === "string") return arg;
  if (typeof arg === "number") return numberToWire(name, arg, index);
  if (arg instanceof Uint8Array) return Buffer.from(arg.buffer, arg.byteOffset, arg.byteLength);
  throw unsendable(TypeError, name, arg, index);
}

function numberToWire(name: string, value: number, index: number): string {
  if (Number.isNaN(value)) throw unsendable(RangeError, name, value, index);
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? "+inf" : "-inf";
}

function unsendable(Problem: typeof TypeError, name: string, arg: unknown, index: number): Error {
  const must = "must be a string, a number or bytes";
  return new Problem(cannot(`send ${name}`, `argument ${index + 1} ${must}`, arg));
}

/** @internal The same reply with its bytes read as text. */
export function decodeReply(reply: unknown): unknown {
  if (reply instanceof Uint8Array) return Buffer.from(reply.buffer, reply.byteOffset, reply.byteLength).toString();
  return Array.isArray(reply) ? reply.map(decodeReply) : reply;
}
