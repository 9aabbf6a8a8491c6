// Ownership of resources: a pool or a connection is closed when the scope ends in which it was opened, just as the
// tasks of the scope are ended.
//
//   process ── run ── task ── taskGroup ── timeout ── new ClientSession()
//                                 └── owns the session, and closes it
//
// A combinator that returns its children's results to the calling code (`gather`, `race`) owns no resources: what its
// children open belongs to the scope around it. Otherwise `const [db, cache] = await gather(openDb, openCache)` would
// return two closed clients. The process owns none either, because its scope never ends. An application lives longer
// than the task that starts it. So what its start functions open belongs to a scope of the application (`openIn`).

import { ambient } from "../state/ambient.ts";
import { ContextVar } from "../state/context-var.ts";
import { type Closer, currentScope, type Scope } from "./scope.ts";

/** Resources that would belong to `from` belong to `to` instead. */
interface Redirection {
  readonly from: Scope;
  readonly to: Scope;
}

const redirected: ContextVar<Redirection | undefined> = ambient(
  "ownership.redirected",
  () => new ContextVar<Redirection | undefined>("pottle.redirected", undefined),
);

/**
 * Calls `close` when the scope ends that owns what the calling code opens: the nearest group, request, job or run. At
 * the top level, outside any run, `close` is never called, because the scope of the process does not end. For authors
 * of drivers.
 *
 * @param close - Closes the resource; its result is awaited. It receives the name of the scope's task: "main", "GET /".
 * @returns A function to call when the resource was closed earlier.
 * @throws {InvalidStateError} If that scope has ended.
 * @example
 * class Client {
 *   readonly #forget = closeWithScope(() => this.close());
 *
 *   async close(): Promise<void> {
 *     this.#forget();
 *     console.log("closed");
 *   }
 * }
 * await taskGroup(async () => void new Client()); // closed
 */
export function closeWithScope(close: (keeper: string) => unknown): () => void {
  const keeper = keeperOf(currentScope());
  const closer: Closer = () => close(describe(keeper));
  return keeper.defer(closer);
}

/**
 * Calls `fn`; what it opens belongs to `keeper` instead of the current scope. This applies to what `fn` opens before
 * its first `await`, and to what the tasks that it creates open. For code that outlives the task that starts it, such
 * as an application.
 *
 * @example
 * const server = outside(() => new Scope(currentScope(), { kind: "server", ownsTasks: true }));
 * await openIn(server, () => void closeWithScope(() => console.log("closed with the server")));
 * await server.close(); // closed with the server
 */
export function openIn<T>(keeper: Scope, fn: () => T): T {
  const token = redirected.set({ from: nearestKeeper(currentScope()), to: keeper });
  try {
    return fn();
  } finally {
    redirected.reset(token);
  }
}

function keeperOf(scope: Scope): Scope {
  const nearest = nearestKeeper(scope);
  const redirection = redirected.get();
  return redirection?.from === nearest && !redirection.to.isClosed ? redirection.to : nearest;
}

function nearestKeeper(scope: Scope): Scope {
  let { owner } = scope;
  while (handsOver(owner)) owner = owner.parent!.owner;
  return owner;
}

function handsOver(scope: Scope): boolean {
  if (scope.kind === "race") return true;
  return scope === scope.root && scope.task?.combinator === "gather";
}

// The name of the scope's request or job, else the kind of scope.
function describe(scope: Scope): string {
  return scope === scope.root && scope.task !== undefined ? scope.task.name : scope.kind;
}
