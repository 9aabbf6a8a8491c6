import type { Resource } from "../../asyncio/index.ts";
import { cannot } from "../../base/refusal.ts";
import { QueryArgumentError, shorten } from "./errors.ts";
import { Sql } from "./sql.ts";
import { whyUnsupported } from "./statements.ts";
import { checkValues } from "./values.ts";

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
 * @throws {QueryArgumentError} If the text is not one, asks for what is not supported, or a value cannot be sent.
 */
export function toQuery(text: string | Sql, values?: readonly unknown[]): Query {
  if (text instanceof Sql) {
    if (values !== undefined) refuse("its values are in the template already: pass no others", values);
    return new Query(checkText(text.text), checkValues(text.values));
  }
  if (typeof text !== "string") refuse("its text must be a string or made by sql`…`", text);
  return new Query(checkText(text), values === undefined ? undefined : checkValues(values));
}

// The protocol ends a text at its first NUL: what follows would be taken for something else.
function checkText(text: string): string {
  if (text.includes("\0")) refuse("its text must not contain the character NUL", text);
  const reason = whyUnsupported(text);
  if (reason === undefined) return text;
  throw new QueryArgumentError(`Cannot run ${shorten(text)} as ${reason}`);
}

function refuse(reason: string, value: unknown): never {
  throw new QueryArgumentError(cannot("run a query", reason, value));
}
