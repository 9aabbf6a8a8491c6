import { AsyncLocalStorage } from "node:async_hooks";
import { ambient } from "./ambient.ts";
import { InvalidStateError } from "../errors/errors.ts";
import { show, requireFunction } from "../../../base/options.ts";
import { currentScope, type Scope } from "../scopes/scope.ts";

type Values = ReadonlyMap<object, unknown>;
const none: Values = new Map();

/** The result of `ContextVar.set()`. Pass it to `ContextVar.reset()`, once, to undo the change. */
export interface Token {
  /** @internal */ readonly variable: object;
  /** @internal */ readonly before: unknown;
  /** @internal */ readonly hadValue: boolean;
  /** @internal The task's root scope or the shared context in which the variable was set. */ readonly place: object;
}

const used = ambient("context.usedTokens", () => new WeakSet<Token>());

/**
 * A variable with a value of its own in each task. A task starts with a copy of its creator's values, and values that
 * it sets do not affect the creator.
 *
 * @example
 * const user = new ContextVar("user", "guest");
 * await createTask(async () => user.set("ada"));
 * console.log(user.get()); // guest
 * @see https://docs.python.org/3/library/contextvars.html#contextvars.ContextVar
 */
export class ContextVar<T> {
  /** The variable's name, for error messages and inspectors. */
  readonly name: string;
  readonly #hasDefault: boolean;
  readonly #default: T | undefined;

  /** @throws {TypeError} If `name` is not a string. */
  constructor(name: string, ...[defaultValue]: [defaultValue?: T]);
  constructor(name: string, ...rest: [defaultValue?: T]) {
    if (typeof name !== "string") {
      throw new TypeError(
        `Cannot make a context variable as its name must be a string: current value is ${show(name)}`,
      );
    }
    this.name = name;
    this.#hasDefault = rest.length > 0;
    this.#default = rest[0];
  }

  /**
   * The variable's value in this task, else the default.
   *
   * @throws {ReferenceError} If it has no value here and no default.
   */
  get(): T {
    const values = valuesOf(currentScope());
    if (values.has(this)) return values.get(this) as T;
    if (this.#hasDefault) return this.#default as T;
    throw new ReferenceError(`Cannot get context variable ${this.name} as it has no value here and no default`);
  }

  /** Sets the value for this task, and for tasks that it creates from now on. */
  set(value: T): Token {
    const scope = currentScope();
    const values = valuesOf(scope);
    const token = { variable: this, before: values.get(this), hadValue: values.has(this), place: placeOf(scope) };
    replaceValues(scope, new Map(values).set(this, value));
    return token;
  }

  /**
   * Restores the value from before the call of `set` that returned `token`.
   *
   * @throws {TypeError} If `token` is not a token, belongs to another variable, or was returned in another task.
   * @throws {InvalidStateError} If the token was already used.
   */
  reset(token: Token): void {
    const scope = currentScope();
    this.#requireOwn(token, scope);
    used.add(token);
    const values = new Map(valuesOf(scope));
    if (token.hadValue) values.set(this, token.before);
    else values.delete(this);
    replaceValues(scope, values);
  }

  #requireOwn(token: Token | undefined, scope: Scope): void {
    const action = `Cannot reset context variable ${this.name}`;
    if (typeof token !== "object" || token === null) {
      throw new TypeError(`${action} as a token is needed: current value is ${show(token)}`);
    }
    if (token.variable !== this) throw new TypeError(`${action} by the token of another variable`);
    if (token.place !== placeOf(scope)) throw new TypeError(`${action} by a token that was given in another task`);
    if (used.has(token)) throw new InvalidStateError(`${action} by a token that was used before`);
  }
}

/**
 * A set of context variable values that several tasks share, instead of each task having its own copy.
 *
 * @example
 * const context = copyContext();
 * const step = new ContextVar("step", 0);
 * await createTask(async () => step.set(1), { context });
 * await createTask(async () => console.log(step.get()), { context }); // 1
 * @see https://docs.python.org/3/library/contextvars.html#contextvars.Context
 */
export class Context {
  /** @internal */
  values: Values;

  /** @internal Use {@link copyContext}. */
  constructor(values: Values) {
    if (!(values instanceof Map)) throw new TypeError("Cannot make a Context by its constructor: use copyContext()");
    this.values = values;
  }

  /** The value of `variable` in this context, or `undefined`. */
  get<T>(variable: ContextVar<T>): T | undefined {
    return this.values.get(variable) as T | undefined;
  }

  /** @internal Makes the task with the root scope `scope` share this context. */
  enter(scope: Scope): void {
    scope.rarely.context = this;
  }
}

/**
 * Copies the context of the calling code. The copy and the original do not see each other's later changes.
 *
 * @example
 * const user = new ContextVar("user", "guest");
 * const context = copyContext();
 * user.set("ada");
 * await createTask(async () => console.log(user.get()), { context }); // guest
 * @see https://docs.python.org/3/library/contextvars.html#contextvars.copy_context
 */
export function copyContext(): Context {
  return new Context(valuesOf(currentScope()));
}

function placeOf({ root }: Scope): object {
  return root.rare?.context ?? root;
}

function valuesOf(scope: Scope): Values {
  const { root } = scope;
  return root.inheritedValues ?? none;
}

function replaceValues(scope: Scope, values: Values): void {
  const { root } = scope;
  const context = root.rare?.context;
  if (context === undefined) root.values = values;
  else context.values = values;
}

/**
 * Binds `fn` to the scope and context of the calling code. Use it for callbacks that would otherwise run in the context
 * of their caller, such as an event emitter or a pool.
 *
 * @example
 * import { EventEmitter } from "node:events";
 * const emitter = new EventEmitter();
 * const user = new ContextVar("user", "guest");
 * await createTask(async () => {
 *   user.set("ada");
 *   emitter.on("ping", bind(() => console.log(user.get())));
 * });
 * emitter.emit("ping"); // ada
 * @throws {TypeError} If `fn` is not a function.
 * @see https://nodejs.org/api/async_context.html#static-method-asynclocalstoragebindfn
 */
export function bind<A extends unknown[], R>(fn: (...args: A) => R): (...args: A) => R {
  requireFunction(fn, "bind");
  return AsyncLocalStorage.bind(fn);
}
