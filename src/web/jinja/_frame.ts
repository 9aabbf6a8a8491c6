// The state of a rendering. A template with those that it extends is one module: they share their blocks and the names that
// stand at their top. What is included or imported is a module of its own.

import { isThenable } from "../../base/is-thenable.ts";
import { waitPromise } from "../../asyncio/index.ts";
import type { BlockNode, TemplateTree } from "../jinja-syntax/nodes.ts";
import { TemplateFault } from "../jinja-syntax/template-errors.ts";

/**
 * A part of a rendering. It yields the promises that it needs, and gets their values: a template without promises is
 * rendered without one. `undefined` is yielded where a stream may send what is there.
 */
export type Steps<T> = Generator<unknown, T, unknown>;

/** What ends a round of a loop early. */
export type Signal = "break" | "continue" | undefined;

/** A `namespace()`, whose attributes a template may set. */
export class Namespace {
  constructor(values: Readonly<Record<string, unknown>>) {
    for (const [name, value] of Object.entries(values)) this.assign(name, value);
  }

  assign(name: string, value: unknown): void {
    Object.defineProperty(this, name, { value, writable: true, enumerable: true, configurable: true });
  }
}

/** A template that was read. */
export interface Template {
  readonly name: string;
  readonly tree: TemplateTree;
  readonly autoescape: boolean;
}

/** The names that are known at one place, and outside of it. */
export class Scope {
  readonly #values: Map<string, unknown>;
  readonly #outer: Scope | undefined;

  constructor(outer?: Scope, values?: Iterable<readonly [string, unknown]>) {
    this.#outer = outer;
    this.#values = new Map<string, unknown>(values);
  }

  get(name: string): unknown {
    const value = this.#values.get(name);
    return value !== undefined || this.#values.has(name) ? value : this.#outer?.get(name);
  }

  set(name: string, value: unknown): void {
    this.#values.set(name, value);
  }

  /** The names that an import finds here. */
  exports(): Map<string, unknown> {
    return new Map(this.#values.entries().filter(([name]) => !name.startsWith("_") && name !== "self"));
  }
}

/** The text that was rendered so far. */
export class Output {
  /** Whether text is dropped: after `extends`. */
  isMuted = false;
  #text = "";

  write(text: string): void {
    if (!this.isMuted) this.#text += text;
  }

  /** The number of characters. */
  get length(): number {
    return this.#text.length;
  }

  /** Returns the text, and begins anew. */
  take(): string {
    const text = this.#text;
    this.#text = "";
    return text;
  }
}

/** A block in one of the templates of a module. */
export interface BlockEntry {
  readonly block: BlockNode;
  readonly template: Template;
}

/** A template with those that it extends. */
export class Module {
  /** The names at its top. */
  readonly top: Scope;
  /** The blocks of each name, those of the innermost template first. */
  readonly blocks: Map<string, BlockEntry[]> = new Map();
  /** The template that is extended, and rendered next. */
  parent: Template | undefined;

  constructor(outer: Scope | undefined) {
    this.top = new Scope(outer);
  }

  addBlocks(template: Template): void {
    for (const [name, block] of template.tree.blocks) {
      const entries = this.blocks.get(name);
      if (entries === undefined) this.blocks.set(name, [{ block, template }]);
      else entries.push({ block, template });
    }
  }
}

/** What the templates of a rendering find: templates, filters, tests and globals. */
export interface Environment {
  /** @throws {TemplateNotFound} If there is none of these names. */
  readonly load: (names: readonly string[]) => Promise<Template> | Template;
  readonly filter: (name: string) => ((input: unknown, ...args: unknown[]) => unknown) | undefined;
  readonly test: (name: string) => ((value: unknown, ...args: unknown[]) => unknown) | undefined;
  readonly global: (name: string) => unknown;
  /** Gives others their turn. */
  readonly pause: () => PromiseLike<unknown>;
}

const turnLength = 10;
const turnCheck = 64;
const maxDepth = 200;
/** How much of a stream is kept together, in characters. */
const fullLength = 16_384;

/** One rendering. */
export class Rendering {
  readonly environment: Environment;
  #depth = 0;
  #ticks = 0;
  #turn = performance.now();

  constructor(environment: Environment) {
    this.environment = environment;
  }

  /** Runs what templates may nest without end: macros, includes and recursive loops. */
  *nested<T>(steps: Steps<T>): Steps<T> {
    if (this.#depth >= maxDepth) throw new TemplateFault(`macros and includes are nested more than ${maxDepth} deep`);
    this.#depth++;
    try {
      return yield* steps;
    } finally {
      this.#depth--;
    }
  }

  /** Counts a round of a loop. Returns whether it may be time for a {@link rest}. */
  countRound(out: Output): boolean {
    return ++this.#ticks % turnCheck === 0 || out.length > fullLength;
  }

  /** Lets a stream take what there is, and gives others their turn when this one has lasted for 10 ms. */
  *rest(out: Output): Steps<void> {
    if (out.length > fullLength) yield undefined;
    if (performance.now() - this.#turn < turnLength) return;
    yield this.environment.pause();
    this.#turn = performance.now();
  }
}

/** The place where a statement or an expression stands. */
export interface Frame {
  readonly rendering: Rendering;
  readonly module: Module;
  readonly template: Template;
  readonly scope: Scope;
  readonly out: Output;
  readonly autoescape: boolean;
  /** The input of a filter that stands around text. */
  readonly captured?: unknown;
}

/** A function that only a template has: a macro, a block, `super`, a recursive loop. */
export class TemplateFunction {
  readonly name: string;
  readonly #run: (args: readonly unknown[], named: Readonly<Record<string, unknown>>) => Steps<unknown>;

  constructor(
    name: string,
    run: (args: readonly unknown[], named: Readonly<Record<string, unknown>>) => Steps<unknown>,
  ) {
    this.name = name;
    this.#run = run;
  }

  call(args: readonly unknown[], named: Readonly<Record<string, unknown>>): Steps<unknown> {
    return this.#run(args, named);
  }
}

/** @throws What a promise was rejected with, or what the steps threw. */
export async function drive<T>(steps: Steps<T>): Promise<T> {
  let result = steps.next();
  // Without a stream, nothing takes what there is: a rest is no reason to wait.
  while (result.done !== true) result = result.value === undefined ? steps.next() : await advance(steps, result.value);
  return result.value;
}

/** Waits for what the steps yielded, and goes on. */
export async function advance<T>(steps: Steps<T>, yielded: unknown): Promise<IteratorResult<unknown, T>> {
  let value: unknown;
  try {
    value = isThenable(yielded) ? await waitPromise(yielded) : undefined;
  } catch (error) {
    return steps.throw(error);
  }
  return steps.next(value);
}
