/** A member of a sorted set and its score. */
export type Scored = readonly [member: string, score: number];

function pairs<T>(reply: unknown, read: (first: string, second: unknown) => T): T[] {
  const items = reply as unknown[];
  return Array.from({ length: items.length / 2 }, (_, n) => read(items[2 * n] as string, items[2 * n + 1]));
}

/** @internal Converts a list of fields and values to an object. A field may have any name, even `__proto__`. */
export function readPairs(reply: unknown): Record<string, string> {
  return Object.fromEntries(pairs(reply, (field, value) => [field, value as string]));
}

/** @internal Converts the score of a sorted set. */
export function readScore(reply: unknown): number {
  if (reply === "inf") return Infinity;
  return reply === "-inf" ? -Infinity : Number(reply);
}

/** @internal Converts a list of members and scores. */
export function readScored(reply: unknown): Scored[] {
  return pairs(reply, (member, score) => [member, readScore(score)]);
}

/** @internal Converts the reply of a blocking pop: the key, the removed member, and its score. */
export function readPopped(reply: unknown): [key: string, member: string, score: number] {
  const [key, member, score] = reply as [string, string, unknown];
  return [key, member, readScore(score)];
}
