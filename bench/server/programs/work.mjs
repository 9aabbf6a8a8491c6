// A view that costs CPU time: always the same work, so that its cost does not depend on what else the core does.

/** Keeps the CPU busy for very roughly `microseconds`. */
export function work(microseconds) {
  let hash = microseconds;
  for (let i = microseconds * 400; i > 0; i--) hash = Math.imul(hash ^ i, 0x01000193);
  return `worked ${hash >>> 0}`;
}
