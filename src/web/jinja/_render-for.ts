// Loops. What is in memory is a list, whose length is known; an async iterable is rendered item by item, as its items come.

import { isThenable } from "../../base/is-thenable.ts";
import { evaluate } from "./_evaluate.ts";
import { raw } from "../html/html.ts";
import { type Frame, Output, Scope, type Signal, type Steps, TemplateFunction } from "./_frame.ts";
import { Loop } from "./_loop.ts";
import type { Body, ForNode, Target } from "../jinja-syntax/nodes.ts";
import { isTrue, toList } from "./_values.ts";

type RenderBody = (body: Body, frame: Frame) => Steps<Signal>;
type Assign = (target: Target, value: unknown, frame: Frame) => void;

/** An item, or `undefined` at the end. */
type Found = { readonly item: unknown } | undefined;

/** Renders a loop. */
export function* renderFor(node: ForNode, frame: Frame, renderBody: RenderBody, assign: Assign): Steps<undefined> {
  const items = yield* evaluate(node.items, frame);
  return yield* new ForLoop(node, frame, renderBody, assign, 0).render(items);
}

class ForLoop {
  readonly #node: ForNode;
  readonly #frame: Frame;
  readonly #renderBody: RenderBody;
  readonly #assign: Assign;
  readonly #depth: number;

  constructor(node: ForNode, frame: Frame, renderBody: RenderBody, assign: Assign, depth: number) {
    this.#node = node;
    this.#frame = frame;
    this.#renderBody = renderBody;
    this.#assign = assign;
    this.#depth = depth;
  }

  *render(items: unknown): Steps<undefined> {
    const count = isAsyncIterable(items) ? yield* this.#renderStream(items) : yield* this.#renderList(items);
    if (count === 0) yield* this.#renderBody(this.#node.otherwise, this.#inner());
    return undefined;
  }

  *#renderList(value: unknown): Steps<number> {
    const items = yield* this.#filtered(toList(value));
    const loop = new Loop(items.length, this.#depth);
    for (let i = 0; i < items.length; i++) {
      const next = i + 1 < items.length ? { item: items[i + 1] } : undefined;
      if ((yield* this.#renderRound(items[i], next, loop)) === "break") break;
    }
    return items.length;
  }

  *#filtered(all: readonly unknown[]): Steps<readonly unknown[]> {
    const items: unknown[] = [];
    const passesAll = this.#node.filter === undefined;
    for (const one of all) {
      const item = isThenable(one) ? yield one : one;
      if (passesAll || (yield* this.#passes(item))) items.push(item);
    }
    return items;
  }

  *#passes(item: unknown): Steps<boolean> {
    const { filter, target } = this.#node;
    if (filter === undefined) return true;
    const inner = this.#inner();
    this.#assign(target, item, inner);
    return isTrue(yield* evaluate(filter, inner));
  }

  *#renderStream(items: AsyncIterable<unknown>): Steps<number> {
    const iterator = items[Symbol.asyncIterator]();
    const loop = new Loop(undefined, this.#depth);
    let hasEnded = false;
    try {
      let next: Found = yield* this.#pull(iterator);
      while (next !== undefined) {
        const { item } = next;
        // Only the loop that is asked whether a round is the last one looks ahead: others show each item when it comes.
        const ahead: Found = this.#node.usesLoop ? yield* this.#pull(iterator) : undefined;
        if ((yield* this.#renderRound(item, ahead, loop)) === "break") return loop.index;
        next = this.#node.usesLoop ? ahead : yield* this.#pull(iterator);
      }
      hasEnded = true;
      return loop.index;
    } finally {
      if (!hasEnded) yield iterator.return?.();
    }
  }

  *#pull(iterator: AsyncIterator<unknown>): Steps<Found> {
    for (;;) {
      const result = (yield iterator.next()) as IteratorResult<unknown>;
      if (result.done === true) return undefined;
      if (yield* this.#passes(result.value)) return { item: result.value };
    }
  }

  *#renderRound(item: unknown, next: Found, loop: Loop): Steps<Signal> {
    const { target, recursive, body } = this.#node;
    const inner = this.#inner();
    loop.advance(item, next);
    inner.scope.set("loop", recursive ? this.#recursive(loop) : loop);
    this.#assign(target, item, inner);
    const signal = yield* this.#renderBody(body, inner);
    const { rendering, out } = this.#frame;
    if (rendering.countRound(out)) yield* rendering.rest(out);
    return signal;
  }

  /** The loop of `recursive`: called with other items, it renders them in the same way. */
  #recursive(loop: Loop): TemplateFunction {
    const again = (items: unknown): Steps<unknown> => this.#renderAgain(items);
    return new RecursiveLoop(loop, again);
  }

  *#renderAgain(items: unknown): Steps<unknown> {
    const out = new Output();
    const frame = { ...this.#frame, out };
    yield* new ForLoop(this.#node, frame, this.#renderBody, this.#assign, this.#depth + 1).render(items);
    return frame.autoescape ? raw(out.take()) : out.take();
  }

  #inner(): Frame {
    return { ...this.#frame, scope: new Scope(this.#frame.scope) };
  }
}

/** A loop that can be called, and still says what a loop says. */
class RecursiveLoop extends TemplateFunction {
  constructor(loop: Loop, again: (items: unknown) => Steps<unknown>) {
    super("loop", ([items]) => again(items));
    for (const name of loopNames) {
      Object.defineProperty(this, name, { enumerable: true, get: () => loop[name] });
    }
    Object.assign(this, { cycle: loop.cycle.bind(loop), changed: loop.changed.bind(loop) });
  }
}

const loopNames = [
  "index",
  "index0",
  "first",
  "last",
  "length",
  "revindex",
  "revindex0",
  "previtem",
  "nextitem",
  "depth",
  "depth0",
] as const;

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
