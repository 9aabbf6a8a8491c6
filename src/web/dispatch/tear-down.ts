import { isCancelled, moveOnAfter, uncancellable } from "../../asyncio/index.ts";
import type { HttpRequest } from "../message/http-request.ts";
import { graceTimeout, report } from "./deadline.ts";

/**
 * Runs teardown hooks to their end, even in a request that was cancelled, but not for ever. One that fails does not keep the
 * others from running.
 *
 * @param what - The name of the function by which they were registered.
 */
export async function tearDown<Subject>(
  hooks: readonly ((error: unknown, subject: Subject) => void | PromiseLike<void>)[],
  [error, subject]: readonly [error: unknown, subject: Subject],
  request: HttpRequest,
  what: string,
): Promise<void> {
  const ended = await uncancellable(() =>
    moveOnAfter(graceTimeout, async () => {
      for (const hook of hooks) {
        try {
          await hook(error, subject);
        } catch (failure) {
          if (isCancelled(failure)) throw failure;
          report(request, "Error in teardown", failure);
        }
      }
      return true;
    }),
  );
  if (ended === true) return;
  report(request, "Error in teardown", new Error(`Cannot wait longer for ${what}() hooks: waited ${graceTimeout} ms`));
}
