import { outOfRange } from "../../base/refusal.ts";

// A tab or a line break is left out by browsers, a backslash is a slash to them: `/\t/evil.example` is another host. No
// control character may stand in a redirect.
const localPath = /^\/(?![/\\])[^\0-\x20\x7f-\x9f\\]*$/;

/**
 * A path of this site to which a user may be sent on after a login: `target` if it is one, else `fallback`. Other sites,
 * and what a browser would take for one, are not passed.
 *
 * @param target - The value of `next`, as it came.
 * @throws {RangeError} If `fallback` is not such a path.
 * @example
 * console.log(safeNext("/todos?page=2"), safeNext("//evil.example"), safeNext(null)); // /todos?page=2 / /
 */
export function safeNext(target: string | null | undefined, fallback: string = "/"): string {
  if (!localPath.test(fallback))
    throw outOfRange("choose where to go next", "'fallback' must be a local path", fallback);
  return typeof target === "string" && target.length <= 2_048 && localPath.test(target) ? target : fallback;
}
