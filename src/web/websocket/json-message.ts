import type { StandardSchemaV1 } from "@standard-schema/spec";
import { wrongType } from "../../base/refusal.ts";
import { showKind } from "../../base/show.ts";
import { deepestJSON, isTooDeep } from "../message/json-depth.ts";
import { WebSocketMessageError } from "./message-error.ts";

/**
 * Reads the JSON of a message: a text, or bytes that are UTF-8.
 *
 * @throws {WebSocketMessageError} If it is not JSON.
 */
export function parseJsonMessage(message: string | Uint8Array): unknown {
  try {
    const text = typeof message === "string" ? message : new TextDecoder("utf-8", { fatal: true }).decode(message);
    if (isTooDeep(text)) throw new RangeError(`It is nested more than ${deepestJSON} deep`);
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new WebSocketMessageError("The message is not JSON.", [], { cause });
  }
}

/**
 * Gives a value to a schema.
 *
 * @returns The output of the schema.
 * @throws {WebSocketMessageError} If the schema refuses it.
 */
export async function applySchema<S extends StandardSchemaV1>(
  schema: S,
  value: unknown,
): Promise<StandardSchemaV1.InferOutput<S>> {
  const result = await schema["~standard"].validate(value);
  if (result.issues === undefined) return result.value;
  const [first] = result.issues;
  throw new WebSocketMessageError(`The message is not what is asked for: ${first?.message ?? ""}`, result.issues);
}

/**
 * Writes a value as JSON.
 *
 * @throws {TypeError} If there is no JSON for it, or it would lose what is in it, as a `Map` would.
 */
export function formatJsonMessage(value: unknown): string {
  const text = isLost(value) ? undefined : (JSON.stringify(value) as string | undefined);
  if (text !== undefined) return text;
  throw wrongType("send the message", "it must be a value that JSON has", value, showKind);
}

/** A Map, a Set or a generator would silently be `{}`. */
function isLost(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const isIterable = Symbol.iterator in value || Symbol.asyncIterator in value;
  return isIterable && !Array.isArray(value) && !("toJSON" in value);
}
