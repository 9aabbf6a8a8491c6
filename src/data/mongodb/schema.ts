import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Doc } from "./documents.ts";
import { DocumentInvalidError } from "./errors.ts";

/**
 * @internal What a schema makes of a document. The identity is kept, also by a schema that drops what it does not know.
 *
 * @throws {DocumentInvalidError} If it refuses it.
 */
export async function applySchema(schema: StandardSchemaV1 | undefined, doc: Doc, action: string): Promise<Doc> {
  if (schema === undefined) return { ...doc };
  const result = await schema["~standard"].validate(doc);
  if (result.issues !== undefined) throw new DocumentInvalidError(action, result.issues);
  const value = { ...(result.value as Doc) };
  return "_id" in doc && !("_id" in value) ? { _id: doc["_id"], ...value } : value;
}
