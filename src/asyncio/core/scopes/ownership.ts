// Ownership: a thing that is opened, such as a pool or a connection, is closed with the scope that it was opened in, as
// the tasks that are created in it are.
//
//   process ── run ── task ── taskGroup ── timeout ── new ClientSession()
//                                 └── keeps the session, and closes it
//
// A combinator that hands its results to the code around it (`gather`, `race`) keeps nothing: what its children open goes
// to the scope around it, for otherwise `const [db, cache] = await gather(openDb, openCache)` would give two closed
// clients. The process keeps nothing either, as it never ends. An application is started by some task, but lives longer:
// what its start functions open is kept by a scope of its own (`openIn`).

import { ambient } from "../state/ambient.ts";
import { ContextVar } from "../state/context-var.ts";
import { type Closer, currentScope, type Scope } from "./scope.ts";

/** What would belong to `from` belongs to `to`. */
interface Redirection {
  readonly from: Scope;
  readonly to: Scope;
}

const redirected: ContextVar<Redirection | undefined> = ambient(
  "ownership.redirected",
  () => new ContextVar<Redirection | undefined>("pottle.redirected", undefined),
);

/**
 * Has `close` called when the scope ends that keeps what the calling code opens: the nearest group, request, job or run.
 * At the top level, outside of any run, nothing is closed: the process keeps it. For authors of drivers.
 *
 * @param close - Closes the thing, and is awaited; it is given the name of what the scope belongs to: "main", "GET /".
 * @returns A function to be called when the thing is closed earlier.
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
 * Calls `fn`, and has what it opens kept by `keeper` instead of the scope around: what it opens before its first `await`,
 * and what the tasks that it creates open. For what outlives the task that starts it, as an application does.
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

// The name of a request or a job, else what the scope is.
function describe(scope: Scope): string {
  return scope === scope.root && scope.task !== undefined ? scope.task.name : scope.kind;
}
