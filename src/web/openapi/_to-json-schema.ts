// From a schema to JSON Schema: by the library itself where it implements Standard JSON Schema, as zod and arktype do; of
// valibot by its package for that, if it is installed.

import type { StandardJSONSchemaV1 } from "@standard-schema/spec";
import type { Schema } from "../routing/contract.ts";
import type { JsonSchema } from "./document.ts";

/** Which side of a schema is meant: what it takes, or what it makes. */
export type Side = "input" | "output";

/** Makes a JSON Schema; `{}`, which allows everything, after a warning if there is none. */
export type SchemaConverter = (schema: Schema, side: Side, place: string) => JsonSchema;

type Standard = StandardJSONSchemaV1["~standard"] & Schema["~standard"];
type ValibotConverter = (schema: unknown, options: Readonly<Record<string, string>>) => JsonSchema;

const target = "draft-2020-12";

/** Makes a converter. Packages are loaded here, so that it needs no waiting. */
export async function createConverter(
  schemas: readonly Schema[],
  warn: (message: string) => void,
): Promise<SchemaConverter> {
  const needsValibot = schemas.some((schema) => isOfValibot(schema));
  const valibot = needsValibot ? await loadValibot() : undefined;
  return (schema, side, place) => {
    try {
      const { $schema: _, ...rest } = convert(schema, side, valibot);
      return rest;
    } catch (error) {
      warn(`The schema of ${place} is not in the document: ${(error as Error).message}`);
      return {};
    }
  };
}

function convert(schema: Schema, side: Side, valibot: ValibotConverter | undefined): JsonSchema {
  const { jsonSchema, vendor } = schema["~standard"] as Partial<Standard>;
  if (jsonSchema !== undefined) {
    try {
      return jsonSchema[side]({ target });
    } catch {
      // zod refuses dates and files unless it is told to leave them open.
      return jsonSchema[side]({ target, libraryOptions: { unrepresentable: "any" } });
    }
  }
  if (valibot !== undefined && isOfValibot(schema)) {
    return valibot(schema, { target, typeMode: side, errorMode: "ignore" });
  }
  const hint = vendor === "valibot" ? ": install '@valibot/to-json-schema'" : "";
  throw new Error(
    `Cannot make JSON Schema of a schema of '${vendor}' as it does not implement Standard JSON Schema${hint}`,
  );
}

function isOfValibot(schema: Schema): boolean {
  return schema["~standard"].vendor === "valibot" && !("jsonSchema" in schema["~standard"]);
}

/** Loads valibot's package; `undefined` if it is not installed. */
async function loadValibot(): Promise<ValibotConverter | undefined> {
  try {
    // The name is not a literal, as the package need not be there when types are checked.
    const name: string = "@valibot/to-json-schema";
    const module = (await import(name)) as { toJsonSchema: ValibotConverter };
    return module.toJsonSchema;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}
