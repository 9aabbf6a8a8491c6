import { cannot, outOfRange } from "../../base/refusal.ts";
import type { Argument } from "./command-kinds.ts";

/** A command to send, and the function that converts its reply. Made by the methods of {@link RedisRequests}. */
export interface Request<T> {
  /** The name of the command, in upper case. */
  readonly name: string;
  /** @internal The arguments. */
  readonly args: readonly (string | Buffer)[];
  /** @internal Whether strings in the reply are returned as bytes. */
  readonly binary: boolean;
  /** @internal Converts the server's reply to the command `name` to the result. */
  readonly read: (reply: unknown, name: string) => T;
}

/** @internal Options of {@link makeRequest}. */
export interface RequestOptions<T> {
  readonly binary?: boolean;
  readonly read?: (reply: unknown, name: string) => T;
}

/**
 * @internal Makes a request.
 *
 * @throws {TypeError} If an argument is not text, a number, a bigint or bytes.
 */
export function makeRequest<T>(name: string, args: readonly Argument[], options: RequestOptions<T> = {}): Request<T> {
  const { binary = false, read = asNumber<T> } = options;
  return { name, args: args.map((arg, index) => toWire(name, arg, index)), binary, read };
}

/** @internal Returns the reply unchanged; integers beyond 2 ** 53 are bigints. */
export function asItIs<T>(reply: unknown): T {
  return reply as T;
}

// Throws for a bigint, because the method's type promises a number, and calculations with a bigint would fail.
function asNumber<T>(reply: unknown, name: string): T {
  if (typeof reply !== "bigint") return reply as T;
  throw outOfRange(`read the reply to ${name}`, "a number must be below 2 ** 53, execute() gives a bigint", reply);
}

function toWire(name: string, arg: unknown, index: number): string | Buffer {
  if (typeof arg === "string") return arg;
  if (typeof arg === "number") return numberToWire(name, arg, index);
  if (typeof arg === "bigint") return String(arg);
  if (arg instanceof Uint8Array) return Buffer.from(arg.buffer, arg.byteOffset, arg.byteLength);
  throw unsendable(TypeError, name, arg, index);
}

function numberToWire(name: string, value: number, index: number): string {
  if (Number.isNaN(value)) throw unsendable(RangeError, name, value, index);
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? "+inf" : "-inf";
}

function unsendable(Problem: typeof TypeError, name: string, arg: unknown, index: number): Error {
  const must = "must be a string, a number, a bigint or bytes";
  return new Problem(cannot(`send ${name}`, `argument ${index + 1} ${must}`, arg));
}
