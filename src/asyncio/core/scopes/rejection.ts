// Finds out at once, and without a reaction, what a promise was rejected with.
//
// A reaction (`then`) would run too late, mark the promise as handled, and break async stack traces. `util.inspect` can
// read the content of a promise, but it also formats that content: it reads `stack`, runs getters, and takes seconds
// for a message of several megabytes. So this file prevents the formatting. To detect circles, `util.inspect` keeps a
// list of the values that it is formatting, and asks the list whether it includes the next value; if so, it prints only
// "[Circular *1]". A list of our own takes its place: it stores the value that it is asked about, and always answers
// yes. So no code of the value runs, whatever the value is.
//
// This list, and the hooks and call sites that hearing.ts needs, are not a stable API of Node. `canSee` tries them
// once. If they have changed, it returns false, and hearing.ts works without them.

import { util, v8 } from "../../../base/node.ts";

interface Context {
  seen: object;
}

const list = { includes: isInside, push: nothing, pop: nothing };
let outer: Promise<unknown> | undefined;
let held: object | undefined;
let isRejected = false;

function nothing(): void {}

function isInside(value: object): boolean {
  if (value === outer) return false;
  held ??= value;
  return true;
}

// Called as a method of the inspect context. The inspected array begins with a `null`, so the list is replaced before
// the promise is formatted.
function stylize(this: Context, text: string, style: string): string {
  if (style === "null") this.seen = list;
  else if (text === "<rejected>" && style === "special") isRejected = true;
  return text;
}

const options = { depth: 2, customInspect: false, breakLength: Infinity, maxStringLength: 0, stylize };

function look(promise: Promise<unknown>): object | undefined {
  outer = promise;
  isRejected = false;
  try {
    util().inspect([null, promise], options);
    return isRejected ? held : undefined;
  } catch {
    return undefined; // a subclass of Promise whose own getters throw
  } finally {
    outer = undefined;
    held = undefined;
  }
}

function test(): boolean {
  try {
    const error = new Error("planned");
    return (
      look(settledByHooks(error)) === error && look(Promise.resolve(error)) === undefined && callSitesNameScripts()
    );
  } catch {
    return false;
  }
}

function settledByHooks(error: Error): Promise<unknown> {
  const seen: Promise<unknown>[] = [];
  const stop = v8().promiseHooks.createHook({
    settled: (promise: Promise<unknown>) => void seen.push(promise),
  }) as () => void;
  try {
    Promise.reject(error).catch(nothing);
  } finally {
    stop();
  }
  return seen[0]!;
}

function callSitesNameScripts(): boolean {
  return util()
    .getCallSites(2)
    .some(({ scriptName }) => scriptName === import.meta.url);
}

/** @internal Tries whether this Node lets us see what promises were rejected with. */
export function canSee(): boolean {
  return test();
}

/** @internal The object that `promise` was rejected with; `undefined` for a promise in any other state. */
export function rejectionOf(promise: Promise<unknown>): object | undefined {
  return look(promise);
}

// More errors than real programs wrap or collect; a longer chain is not followed to its end.
const mostErrors = 64;

/** @internal Yields `error`, its causes, and the errors that it collects, without running any code of theirs. */
export function* errorsWithin(error: object): Generator<object, void, undefined> {
  const found: unknown[] = [error];
  for (let i = 0; i < Math.min(found.length, mostErrors); i++) {
    const each = found[i];
    if (typeof each !== "object" || each === null || util().types.isProxy(each)) continue;
    yield each;
    found.push(read(each, "cause"));
    if (each instanceof SuppressedError) found.push(read(each, "error"), read(each, "suppressed"));
    const errors = read(each, "errors");
    if (!Array.isArray(errors) || util().types.isProxy(errors)) continue;
    for (let place = 0; place < Math.min(errors.length, mostErrors); place++) found.push(read(errors, String(place)));
  }
}

/** @internal The value of an own property of `object`, or `undefined` if the property is a getter. */
export function read(object: object, name: string): unknown {
  return Object.getOwnPropertyDescriptor(object, name)?.value;
}
