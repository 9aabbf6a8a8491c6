// Rejection: what a promise was rejected with, told at once, without a reaction.
//
// A reaction (`then`) would come too late, mark the promise as handled, and break async stack traces. `util.inspect` shows
// what a promise holds; but what it shows it formats: it reads `stack`, runs getters, and takes seconds for a message of
// megabytes. So we have it format nothing. It asks its list of the values that it is within whether a value is one of them,
// which would be a circle, and shows that as "[Circular *1]". We put a list of our own in its place, which notes what it is
// asked for and says yes. No code of the value runs, whatever it is.
//
// Neither that list nor the hooks and call sites that hearing.ts needs are stable parts of Node. `canSee` tries them once;
// where they have changed, it is false, and hearing.ts does without.

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

// Its own `null` comes first, and is shown by a method of the context.
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

// As many errors as anybody wraps or collects; a longer chain is not walked to its end.
const mostErrors = 64;

/** @internal `error`, its causes, and the errors that it collects, without running any code of theirs. */
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

/** @internal An own property of `object` that is no getter. */
export function read(object: object, name: string): unknown {
  return Object.getOwnPropertyDescriptor(object, name)?.value;
}
