import type { Resource } from "../../asyncio/index.ts";
import { cannot } from "../../base/refusal.ts";
import { QueryArgumentError, shorten } from "./errors.ts";
import { Sql } from "./sql.ts";
import { whyUnsupported } from "./statements.ts";
import { checkValues } from "./values.ts";

/** @internal A query to send to the server. It is also the resource of the wait for its answer. */
export class Query implements Resource {
  readonly kind = "postgres query";
  readonly text: string;
  readonly values: readonly unknown[] | undefined;
  /** Whether the query was sent. */
  isSent = false;

  constructor(text: string, values?: readonly unknown[]) {
    this.text = text;
    this.values = values;
  }

  // A getter, because only inspectors need the name, and other queries should not pay for it.
  get name(): string {
    return shorten(this.text);
  }
}

/**
 * @internal Makes a query from the arguments of a caller, and checks them.
 *
 * @throws {QueryArgumentError} If `text` is not text or contains an unsupported statement, or if a value cannot be
 * sent.
 */
export function toQuery(text: string | Sql, values?: readonly unknown[]): Query {
  if (text instanceof Sql) {
    if (values !== undefined) refuse("its values are in the template already: pass no others", values);
    return new Query(checkText(text.text), checkValues(text.values));
  }
  if (typeof text !== "string") refuse("its text must be a string or made by sql`…`", text);
  return new Query(checkText(text), values === undefined ? undefined : checkValues(values));
}

// The protocol ends a text at the first NUL, and would misinterpret the rest.
function checkText(text: string): string {
  if (text.includes("\0")) refuse("its text must not contain the character NUL", text);
  const reason = whyUnsupported(text);
  if (reason === undefined) return text;
  throw new QueryArgumentError(`Cannot run ${shorten(text)} as ${reason}`);
}

function refuse(reason: string, value: unknown): never {
  throw new QueryArgumentError(cannot("run a query", reason, value));
}
