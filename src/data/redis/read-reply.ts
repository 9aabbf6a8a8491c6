/**
 * @internal A reply as callers get it. The driver gives the strings of a reply as bytes and its integers as text: so they
 * can be told apart, and no integer is rounded.
 *
 * @param binary - Whether strings stay bytes.
 * @returns Text or bytes, numbers, bigints for integers beyond 2 ** 53, `null`, and lists of these.
 */
export function readReply(reply: unknown, binary: boolean): unknown {
  if (typeof reply === "string") return readInteger(reply);
  if (reply instanceof Uint8Array) return binary ? reply : readText(reply);
  return Array.isArray(reply) ? reply.map((item) => readReply(item, binary)) : reply;
}

/** @internal A reply whose strings are bytes, with these read as text. */
export function decodeReply(reply: unknown): unknown {
  if (reply instanceof Uint8Array) return readText(reply);
  return Array.isArray(reply) ? reply.map(decodeReply) : reply;
}

function readInteger(text: string): number | bigint {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
}

function readText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}
