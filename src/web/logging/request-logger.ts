import { currentRequestContext } from "../message/context.ts";
import { requestIdOf } from "../contexts/request-id.ts";
import { LevelMethods } from "./level-methods.ts";
import { readLine } from "./line-logger.ts";
import type { Logger } from "./logger.ts";
import type { LogLevel } from "./levels.ts";

/** Puts method and path, and the id if there is one, into each line that is logged while a request is answered. */
export class RequestLogger extends LevelMethods implements Logger {
  readonly #inner: Logger;

  constructor(inner: Logger) {
    super();
    this.#inner = inner;
  }

  get level(): string {
    return this.#inner.level;
  }

  set level(level: string) {
    this.#inner.level = level;
  }

  isLevelEnabled(level: string): boolean {
    return this.#inner.isLevelEnabled?.(level) ?? true;
  }

  child(details: Record<string, unknown>): RequestLogger {
    return new RequestLogger(this.#inner.child(details));
  }

  protected override write(level: Exclude<LogLevel, "silent">, line: readonly unknown[]): void {
    if (!this.isLevelEnabled(level)) return;
    const { details, message } = readLine(line);
    // Not as more arguments: a `%s` in what a client sent would be taken for a place.
    const whole = { ...requestDetails(), ...details };
    if (message === undefined) this.#inner[level](whole);
    else this.#inner[level](whole, message);
  }
}

function requestDetails(): Record<string, unknown> | undefined {
  const request = currentRequestContext()?.request;
  if (request === undefined) return undefined;
  const requestId = requestIdOf(request);
  return { ...(requestId !== undefined && { requestId }), method: request.method, path: request.path };
}
