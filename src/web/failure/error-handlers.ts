import { option } from "../../base/options.ts";
import { outOfRange, wrongType } from "../../base/refusal.ts";
import { ContentTooLarge, HTTPError, MethodNotAllowed } from "../errors/http-error.ts";
import type { HttpRequest } from "../message/http-request.ts";
import { classForStatus } from "../errors/statuses.ts";
import { SetupError } from "../errors/setup-error.ts";
import type { ViewResult } from "../message/from-result.ts";

/** A class of errors; it may be abstract. */
export type ErrorClass<E> = abstract new (...args: never) => E;

/** Makes the answer to an error. */
export type ErrorHandler<E> = (error: E, request: HttpRequest) => ViewResult | PromiseLike<ViewResult>;

type Key = number | ErrorClass<unknown>;

/** @internal The error handlers of an application or a blueprint. */
export class ErrorHandlers {
  readonly #handlers = new Map<Key, ErrorHandler<never>>();

  /**
   * Adds a handler.
   *
   * @throws {RangeError} If `key` is a number, but not a whole one from 400 to 599.
   * @throws {TypeError} If `key` is neither a number nor a class, or the handler is not a function.
   * @throws {SetupError} If there is one for it.
   */
  add(key: Key, handler: ErrorHandler<never>): void {
    checkKey(key);
    option(registering, "handler", handler).function();
    if (this.#handlers.has(key)) {
      throw new SetupError(`Cannot register with errorHandler() as there is a handler already: for ${nameOf(key)}`);
    }
    this.#handlers.set(key, handler);
  }

  /** The handler for an error with a status: for a class of its own, for the status, or for the class of the status. */
  forStatus(error: HTTPError): ErrorHandler<unknown> | undefined {
    if (this.#handlers.size === 0) return undefined;
    const byStatus = this.#handlers.get(error.status);
    for (
      let prototype = next(error);
      prototype !== HTTPError.prototype && prototype !== null;
      prototype = next(prototype)
    ) {
      const isStandard = isClassOfStatus(prototype.constructor, error.status);
      const byClass = this.#handlers.get(prototype.constructor as ErrorClass<unknown>);
      const handler = isStandard ? (byStatus ?? byClass) : byClass;
      if (handler !== undefined) return handler as ErrorHandler<unknown>;
    }
    return byStatus as ErrorHandler<unknown> | undefined;
  }

  /**
   * Adds the handlers of a blueprint that are for the whole application.
   *
   * @throws {SetupError} If there is one for the same errors.
   */
  adopt(others: ErrorHandlers): void {
    for (const [key, handler] of others.#handlers) this.add(key, handler);
  }

  /** The handler for the nearest class of an error. */
  forClass(error: object): ErrorHandler<unknown> | undefined {
    if (this.#handlers.size === 0) return undefined;
    for (let prototype = next(error); prototype !== null; prototype = next(prototype)) {
      const handler = this.#handlers.get(prototype.constructor as ErrorClass<unknown>);
      if (handler !== undefined) return handler as ErrorHandler<unknown>;
    }
    return undefined;
  }
}

/**
 * @internal The handlers for an error, the most specific first: by status, then by class, each from the innermost blueprint
 * out to the application. A class of errors that all have one status, such as `NotFound`, counts as that status.
 */
export function* handlersFor(error: unknown, chain: readonly ErrorHandlers[]): Generator<ErrorHandler<unknown>> {
  if (typeof error !== "object" || error === null) return;
  if (error instanceof HTTPError) yield* found(chain, (handlers) => handlers.forStatus(error));
  yield* found(chain, (handlers) => handlers.forClass(error));
}

function* found(
  chain: readonly ErrorHandlers[],
  find: (handlers: ErrorHandlers) => ErrorHandler<unknown> | undefined,
): Generator<ErrorHandler<unknown>> {
  for (const handlers of chain) {
    const handler = find(handlers);
    if (handler !== undefined) yield handler;
  }
}

function next(object: object): object | null {
  return Object.getPrototypeOf(object) as object | null;
}

const registering = "register with errorHandler()";

function checkKey(key: Key): void {
  if (typeof key === "function") return;
  if (typeof key !== "number") {
    throw wrongType(registering, "it must be for a status or a class", key);
  }
  if (Number.isInteger(key) && key >= 400 && key <= 599) return;
  throw outOfRange(registering, "a status must be a whole number from 400 to 599", key);
}

/** Whether a class is the one for all errors of a status, rather than one of the program's own. */
function isClassOfStatus(Class: unknown, status: number): boolean {
  return Class === classForStatus(status) || Class === MethodNotAllowed || Class === ContentTooLarge;
}

function nameOf(key: Key): string {
  return typeof key === "number" ? String(key) : key.name;
}
