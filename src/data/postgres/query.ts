import type { Resource } from "../../asyncio/index.ts";
import { cannot } from "../../base/refusal.ts";
import { QueryArgumentError, shorten } from "./errors.ts";
import { Sql } from "./sql.ts";

/** The protocol counts parameters in 16 bits. */
const mostValues = 65_535;

/** @internal What is sent to the server; as a resource, what a task waits for until the answer is there. */
export class Query implements Resource {
  readonly kind = "postgres query";
  readonly text: string;
  readonly values: readonly unknown[] | undefined;
  /** Whether the server was asked. */
  isSent = false;

  constructor(text: string, values?: readonly unknown[]) {
    this.text = text;
    this.values = values;
  }

  // Asked for by inspectors only, so that no query pays for it.
  get name(): string {
    return shorten(this.text);
  }
}

/**
 * @internal Checks what a caller wants to send.
 *
 * @throws {QueryArgumentError} If the text is none, or a value is nothing that can be sent.
 */
export function toQuery(text: string | Sql, values?: readonly unknown[]): Query {
  if (text instanceof Sql) {
    if (values !== undefined) refuse("its values are in the template already: pass no others", values);
    return new Query(text.text, checkValues(text.values));
  }
  if (typeof text !== "string") refuse("its text must be a string or made by sql`…`", text);
  return new Query(text, values === undefined ? undefined : checkValues(values));
}

function checkValues(values: readonly unknown[]): readonly unknown[] {
  if (!Array.isArray(values)) refuse("its values must be an array", values);
  if (values.length > mostValues) refuse(`it may have at most ${mostValues} values`, values.length);
  for (let i = 0; i < values.length; i++) checkValue(values[i], i + 1);
  return values;
}

function checkValue(value: unknown, number: number): void {
  const type = typeof value;
  if (type === "undefined") refuse(`value $${number} is missing: pass null for NULL`, value);
  if (type === "function" || type === "symbol") refuse(`value $${number} is nothing that a column can hold`, value);
  if (value instanceof Promise) refuse(`value $${number} is a promise: await it first`, value);
}

function refuse(reason: string, value: unknown): never {
  throw new QueryArgumentError(cannot("run a query", reason, value));
}
