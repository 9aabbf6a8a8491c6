/**
 * @internal Converts a reply of the driver to the reply for the caller. The driver returns strings as bytes and
 * integers as text, so that they can be told apart and no integer is rounded.
 *
 * @param binary - Whether strings are returned as bytes.
 * @returns Text or bytes, numbers, bigints for integers beyond 2 ** 53, `null`, and lists of these.
 */
export function readReply(reply: unknown, binary: boolean): unknown {
  if (typeof reply === "string") return readInteger(reply);
  if (reply instanceof Uint8Array) return binary ? reply : readText(reply);
  return Array.isArray(reply) ? reply.map((item) => readReply(item, binary)) : reply;
}

/** @internal Converts the strings in a reply from bytes to text. */
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
