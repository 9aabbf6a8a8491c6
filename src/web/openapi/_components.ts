// A schema refers to its own parts by `#/$defs/Name`, and to itself by `#`. In a document the root is another one, so the
// parts become components, and the references lead there.

import { isDeepStrictEqual } from "node:util";
import type { JsonSchema } from "./document.ts";

/** Members whose values are data, in which nothing is a reference. */
const dataMembers: ReadonlySet<string> = new Set(["const", "enum", "default", "example", "examples"]);

type Rename = (reference: string) => string;

/** The schemas that several places refer to, by their names. */
export class Components {
  readonly #schemas = new Map<string, JsonSchema>();
  /** The names that were given to what a schema had before its references were changed. */
  readonly #sources = new Map<string, unknown>();

  /** The schemas by their names. */
  get schemas(): Readonly<Record<string, JsonSchema>> {
    return Object.fromEntries(this.#schemas);
  }

  /**
   * Moves the parts of a schema to the components.
   *
   * @param name The name for the schema itself, if it refers to itself.
   * @returns The schema, with references to components.
   */
  adopt(schema: JsonSchema, name: string): JsonSchema {
    const { $defs = {}, ...root } = schema;
    const parts = $defs as Readonly<Record<string, JsonSchema>>;
    const source = new Map(Object.entries(parts));
    const names = new Map<string, string>();
    for (const [key, part] of source) names.set(`#/$defs/${escapePointer(key)}`, this.#nameFor(key, { part, parts }));
    const refersToItself = hasReference(schema, "#");
    if (refersToItself) names.set("#", this.#nameFor(name, schema));
    const rename: Rename = (reference) => {
      const to = names.get(reference);
      return to === undefined ? reference : `#/components/schemas/${to}`;
    };
    for (const [key, part] of source) this.#put(names.get(`#/$defs/${escapePointer(key)}`), redirect(part, rename));
    const own = redirect(root, rename) as JsonSchema;
    if (!refersToItself) return own;
    this.#put(names.get("#"), own);
    return { $ref: rename("#") };
  }

  #put(name: string | undefined, schema: unknown): void {
    if (name !== undefined) this.#schemas.set(name, schema as JsonSchema);
  }

  /** A name that nothing else has; the same one for the same schema. */
  #nameFor(wanted: string, source: unknown): string {
    const base = wanted.replaceAll(/[^A-Za-z0-9._-]+/g, "_").replace(/^_+$/, "") || "Schema";
    for (let count = 1; ; count++) {
      const name = count === 1 ? base : `${base}${count}`;
      const taken = this.#sources.get(name);
      if (taken === undefined) this.#sources.set(name, source);
      else if (!isDeepStrictEqual(taken, source)) continue;
      return name;
    }
  }
}

function escapePointer(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** Changes the references in a schema. */
function redirect(value: unknown, rename: Rename): unknown {
  if (Array.isArray(value)) return value.map((item) => redirect(item, rename));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, redirectMember(key, member, rename)]));
}

function redirectMember(key: string, member: unknown, rename: Rename): unknown {
  if (key === "$ref" && typeof member === "string") return rename(member);
  return dataMembers.has(key) ? member : redirect(member, rename);
}

function hasReference(value: unknown, reference: string): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return value.some((item) => hasReference(item, reference));
  return Object.entries(value).some(
    ([key, member]) =>
      (key === "$ref" && member === reference) || (!dataMembers.has(key) && hasReference(member, reference)),
  );
}
