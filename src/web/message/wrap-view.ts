import { ambient } from "../../asyncio/index.ts";

/** Marks of views, such as those that a check exempts. */
const marks = ambient("web.marks", () => new WeakMap<object, ReadonlySet<string>>());

/** A function that takes what a view takes. */
type Wrapped<A extends unknown[], R> = (...args: A) => R;

/** @internal Gives `wrapper` the name of a view, which is that of its route, and its marks. */
export function wrapView<A extends unknown[], R>(view: Wrapped<A, unknown>, wrapper: Wrapped<A, R>): Wrapped<A, R> {
  Object.defineProperty(wrapper, "name", { value: view.name });
  const own = marks.get(view);
  if (own !== undefined) marks.set(wrapper, own);
  return wrapper;
}

/** @internal Marks a view. What wraps it later is marked as well. */
export function markView(view: object, mark: string): void {
  marks.set(view, new Set([...(marks.get(view) ?? []), mark]));
}

/** @internal Whether a view is marked. */
export function isMarked(view: object | undefined, mark: string): boolean {
  return view !== undefined && marks.get(view)?.has(mark) === true;
}
