import * as core from "../../asyncio/index.ts";
import * as streams from "../../asyncio/streams/index.ts";
import * as subprocess from "../../asyncio/subprocess/index.ts";
import { outOfRange } from "../../base/refusal.ts";

/** `exit()` was called at the prompt. */
export class SessionExit extends Error {
  override readonly name = "SessionExit";
  /** The exit code. */
  readonly code: number;

  constructor(code: number) {
    super(`The session ends with exit code ${code}`);
    this.code = code;
  }
}

/**
 * The names of every new session: all exports of `pottle/asyncio`, its streams and its subprocesses, by themselves and as
 * `asyncio`, `exit()`, and `_`, the last value.
 */
export function preloadedNames(): Record<string, unknown> {
  const asyncio = { ...core, ...streams, ...subprocess };
  // Without a prototype: a missing name must be looked up in the outer scope, `toString` too.
  return Object.assign(Object.create(null), asyncio, { asyncio, exit, quit: exit, _: undefined }) as Record<
    string,
    unknown
  >;
}

function exit(code = 0): never {
  if (Number.isInteger(code) && code >= 0 && code <= 255) throw new SessionExit(code);
  throw outOfRange("exit", "the code must be a whole number from 0 to 255", code);
}
