import { constants, runInThisContext, Script } from "node:vm";
import {
  ambient,
  ambientExpression,
  Awaitable,
  type Context,
  copyContext,
  createTask,
  currentScope,
  Future,
  cancellationOf,
  KeyboardInterrupt,
  type Scope,
  type Task,
  wait,
} from "../../asyncio/index.ts";
import { codeOf } from "../../base/error-code.ts";
import { compileInput } from "./compile-input.ts";
import { iterateInLine, waitInLine } from "./line-wait.ts";
import { IncompleteInputError } from "./parse-input.ts";
import { preloadedNames, SessionExit } from "./preloaded-names.ts";

/** How an input ended. */
export type LineOutcome =
  /** It is incomplete: more lines must follow. */
  | { readonly kind: "incomplete" }
  /** Its last statement was an expression, with this value. */
  | { readonly kind: "value"; readonly value: unknown }
  /** It does not have a value. */
  | { readonly kind: "done" }
  /** It threw an error, or its syntax is wrong. */
  | { readonly kind: "error"; readonly error: unknown }
  /** Ctrl+C ended it. */
  | { readonly kind: "interrupted" }
  /** It called `exit()`. */
  | { readonly kind: "exit"; readonly code: number };

/** The value that a line gave, in a box. */
type LineResult = { readonly value: unknown } | undefined;

/** The parameter of the code of an input; see compile-input.ts. */
interface LineRuntime {
  readonly names: Record<string, unknown>;
  wait(value: unknown): unknown;
  iterate(source: AsyncIterable<unknown>): AsyncIterable<unknown>;
  pick(module: Readonly<Record<string, unknown>>, name: string, specifier: string): unknown;
}

/** The code of an input, as a function. */
type LineBody = (runtime: LineRuntime) => Promise<LineResult>;

/** An input that is ready to run. */
interface Line {
  readonly body: LineBody;
  readonly names: readonly string[];
  readonly filename: string;
}

// The place where the script that starts a line finds the line's code.
const next = ambient<{ start: () => unknown }>("repl.next", () => ({ start: () => undefined }));
const start = new Script(`${ambientExpression("repl.next")}.start()`, { filename: import.meta.url });

/**
 * The state that is kept from one line at the prompt to the next: names, context variables, and running tasks. Each
 * line is a task; the tasks that it starts belong to the task that made the session.
 */
export class Session {
  readonly #names: Record<string, unknown>;
  readonly #context: Context = copyContext();
  readonly #owner: Scope = currentScope().owner;
  #count = 0;
  #running: Task<void> | undefined;

  /** @param names Names that can be used at the prompt, besides the usual ones. */
  constructor(names: Readonly<Record<string, unknown>> = {}) {
    this.#names = Object.assign(preloadedNames(), names);
  }

  /** The names that can be used at the prompt, besides the global ones. */
  get names(): Readonly<Record<string, unknown>> {
    return this.#names;
  }

  /**
   * Runs an input to its end.
   *
   * @throws {CancelledError} If the caller is cancelled; that does not cancel the line.
   * @param file The file that the input comes from, if it is not the prompt; its imports are resolved from there.
   */
  async execute(source: string, file?: string): Promise<LineOutcome> {
    const line = this.#prepare(source, file);
    if ("kind" in line) return line;
    const result = new Future<LineResult>();
    const options = { name: line.filename, context: this.#context, owner: this.#owner };
    const task = createTask(() => this.#runLine(line, result), options);
    this.#running = task;
    try {
      await wait([task, result], { returnWhen: "firstCompleted" });
    } finally {
      this.#running = undefined;
    }
    return this.#conclude(task, result);
  }

  /** Cancels the line that is running. Returns whether there is one. */
  interrupt(): boolean {
    return this.#running?.cancel(new KeyboardInterrupt("SIGINT")) ?? false;
  }

  #prepare(source: string, file: string | undefined): Line | LineOutcome {
    try {
      const { code, names } = compileInput(source, ownModule);
      const filename = file ?? `<line ${++this.#count}>`;
      const body = compileBody(code, filename);
      for (const name of names) if (!(name in this.#names)) this.#names[name] = undefined;
      return { body, names, filename };
    } catch (error) {
      return error instanceof IncompleteInputError ? { kind: "incomplete" } : { kind: "error", error };
    }
  }

  #conclude(task: Task<void>, result: Future<LineResult>): LineOutcome {
    try {
      if (!result.done()) task.result();
      const box = result.result();
      if (box === undefined) return { kind: "done" };
      this.#names["_"] = box.value;
      return { kind: "value", value: box.value };
    } catch (error) {
      return outcomeOf(error);
    }
  }

  /** The task of a line. It outlives its result while promises that the line keeps are pending: their work belongs to it. */
  async #runLine({ body, names }: Line, result: Future<LineResult>): Promise<void> {
    const value = await this.#start(body);
    result.setResult(value);
    const kept = [value?.value, ...names.map((name) => this.#names[name])].flat().filter(isPlainPromise);
    if (kept.length > 0) await waitInLine(Promise.allSettled(kept));
  }

  #start(body: LineBody): Promise<LineResult> {
    const runtime: LineRuntime = { names: this.#names, wait: waitInLine, iterate: iterateInLine, pick };
    next.start = () => body(runtime);
    // Code that never awaits gives no handler a turn: only V8 itself can end it, and only what a script runs. A signal
    // that comes at the very moment when the line first awaits may get lost between the two; the next one does not.
    return start.runInThisContext({ breakOnSigint: true }) as Promise<LineResult>;
  }
}

// Tasks and futures have owners of their own. Another thenable may begin its work only when it is awaited.
function isPlainPromise(value: unknown): value is Promise<unknown> {
  return value instanceof Promise && !(value instanceof Awaitable);
}

function compileBody(code: string, filename: string): LineBody {
  const importModuleDynamically = constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
  return runInThisContext(code, { filename, lineOffset: -1, importModuleDynamically }) as LineBody;
}

// The session's own copy of Pottle, wherever it was started: a second copy would not see its tasks.
function ownModule(specifier: string): string | undefined {
  if (!/^pottle(\/|$)/.test(specifier)) return undefined;
  return import.meta.resolve(specifier);
}

function pick(module: Readonly<Record<string, unknown>>, name: string, specifier: string): unknown {
  if (name in module) return module[name];
  throw new SyntaxError(`The module '${specifier}' does not export '${name}'`);
}

function outcomeOf(error: unknown): LineOutcome {
  if (error instanceof SessionExit) return { kind: "exit", code: error.code };
  return isInterrupt(error) ? { kind: "interrupted" } : { kind: "error", error };
}

function isInterrupt(error: unknown): boolean {
  const cancellation = cancellationOf(error);
  if (cancellation !== undefined) return cancellation.reason instanceof KeyboardInterrupt;
  return codeOf(error) === "ERR_SCRIPT_EXECUTION_INTERRUPTED";
}
