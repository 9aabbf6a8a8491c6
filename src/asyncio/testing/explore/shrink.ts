import type { Deviation } from "./choices.ts";

/**
 * @internal Runs a schedule again. Returns the deviations that took effect if the run fails; `undefined` if it does not
 * fail, or if the maximum number of attempts is reached.
 */
export type Attempt = (deviations: readonly Deviation[]) => Promise<readonly Deviation[] | undefined>;

/**
 * @internal Reduces a failing schedule: none of the returned deviations can be left out or get a lower number without
 * the failure disappearing. As in delta debugging, halves are left out first, then smaller and smaller parts.
 *
 * @see https://www.st.cs.uni-saarland.de/papers/tse2002/
 */
export async function shrink(deviations: readonly Deviation[], attempt: Attempt): Promise<readonly Deviation[]> {
  let current = deviations;
  for (;;) {
    const shorter = await lower(await leaveOut(current, attempt), attempt);
    if (shorter === current) return current;
    current = shorter;
  }
}

async function leaveOut(deviations: readonly Deviation[], attempt: Attempt): Promise<readonly Deviation[]> {
  let current = deviations;
  for (let size = Math.ceil(current.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < current.length;) {
      const rest = [...current.slice(0, start), ...current.slice(start + size)];
      const failing = await attempt(rest);
      if (failing !== undefined && failing.length < current.length) current = failing;
      else start += size;
    }
  }
  return current;
}

async function lower(deviations: readonly Deviation[], attempt: Attempt): Promise<readonly Deviation[]> {
  let current = deviations;
  for (let index = 0; index < current.length; index++) {
    for (let value = 1; value < current[index]!.value; value++) {
      const failing = await attempt(current.map((each, other) => (other === index ? { ...each, value } : each)));
      if (failing === undefined || failing.length > current.length) continue;
      current = failing;
      break;
    }
  }
  return current;
}
