import { cannot } from "../../base/refusal.ts";
import { QueryArgumentError } from "./errors.ts";

/** @internal The name of a table or column, which will be quoted. */
export class Identifier {
  /** @internal */
  readonly text: string;

  constructor(names: readonly string[]) {
    if (names.length === 0) throw new QueryArgumentError("Cannot quote an identifier as no name was given");
    this.text = names.map(quote).join(".");
  }
}

function quote(name: unknown): string {
  if (typeof name === "string" && name !== "" && !name.includes("\0")) return `"${name.replaceAll('"', '""')}"`;
  throw new QueryArgumentError(cannot("quote an identifier", "its name must be a string that is not empty", name));
}

/** SQL with its values; made by {@link sql}. It can be used as a fragment in another template. */
export class Sql {
  /** The SQL text, with `$1` and so on in place of the values. */
  readonly text: string;
  /** The values, in the order of their numbers. */
  readonly values: readonly unknown[];
  readonly #strings: readonly string[];
  readonly #parts: readonly unknown[];

  /** @internal Use {@link sql}. */
  constructor(strings: readonly string[], parts: readonly unknown[]) {
    requireTemplate(strings);
    this.#strings = strings;
    this.#parts = parts;
    const values: unknown[] = [];
    this.text = this.#write(values);
    this.values = values;
  }

  // The text of a fragment is made again for each use, because its values have other numbers there.
  #write(values: unknown[]): string {
    let text = this.#strings[0]!;
    for (const [i, part] of this.#parts.entries()) text += Sql.#place(part, values) + this.#strings[i + 1]!;
    return text;
  }

  static #place(part: unknown, values: unknown[]): string {
    if (part instanceof Identifier) return part.text;
    if (part instanceof Sql) return part.#write(values);
    return `$${values.push(part)}`;
  }
}

// In a template with an invalid escape, such as `\u`, JavaScript has `undefined` in place of the string.
function requireTemplate(strings: unknown): void {
  if (Array.isArray(strings) && !strings.includes(undefined)) return;
  const rule = "`sql` must stand before a template whose escapes JavaScript knows";
  throw new QueryArgumentError(cannot("make SQL", rule, strings));
}

/** The type of the tag {@link sql}. */
export interface SqlTag {
  /**
   * Makes SQL from a template: each value becomes a parameter; a fragment or an identifier becomes a part of the text.
   */
  (strings: TemplateStringsArray, ...parts: unknown[]): Sql;
  /**
   * The quoted name of a table or column as a part of the text; for several names, the path: `"public"."users"`.
   *
   * @throws {QueryArgumentError} If a name is empty or not a string.
   */
  identifier(...names: string[]): Identifier;
}

/**
 * Makes SQL from a template, for `query`, `execute` or `stream`, or as a fragment of another template. Values never
 * become a part of the text: they are sent separately.
 *
 * @throws {QueryArgumentError} If it is called as a function, or the template has an invalid escape.
 * @example
 * const adults = sql`age >= ${18}`;
 * const query = sql`select name from ${sql.identifier("users")} where ${adults} and city = ${"Graz"}`;
 * console.log(query.text, query.values); // select name from "users" where age >= $1 and city = $2 [ 18, 'Graz' ]
 */
export const sql: SqlTag = Object.assign(
  (strings: TemplateStringsArray, ...parts: unknown[]) => new Sql(strings, parts),
  {
    identifier: (...names: string[]) => new Identifier(names),
  },
);
