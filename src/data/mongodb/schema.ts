import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Doc } from "./documents.ts";
import { DocumentInvalidError } from "./errors.ts";

/**
 * @internal The document as the schema returns it. The identity is kept, even if the schema drops unknown fields.
 *
 * @throws {DocumentInvalidError} If the schema refuses the document.
 */
export async function applySchema(schema: StandardSchemaV1 | undefined, doc: Doc, action: string): Promise<Doc> {
  if (schema === undefined) return { ...doc };
  const result = await schema["~standard"].validate(doc);
  if (result.issues !== undefined) throw new DocumentInvalidError(action, result.issues);
  const value = { ...(result.value as Doc) };
  return "_id" in doc && !("_id" in value) ? { _id: doc["_id"], ...value } : value;
}
