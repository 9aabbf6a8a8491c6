import { type Attributes, context, type Span, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { QueryMessage } from "../data/postgres/index.ts";
import { serverAttributes } from "./addresses.ts";
import { isCancelled } from "../asyncio/index.ts";
import { markCancelled, typeOf } from "./failures.ts";
import { withoutLiterals } from "./query-text.ts";
import { activate, subscribeAll, type Tracers } from "./subscriptions.ts";

/** What the spans of queries are made with. */
export interface QueryTracing {
  readonly tracer: Tracers;
  /** Whether they have the text of the query. */
  readonly queryText: boolean;
}

/** Makes a span of kind CLIENT for each query or command. Returns a function that ends that. */
export function traceQueries({ tracer, queryText }: QueryTracing): () => void {
  const spans = new WeakMap<QueryMessage, Span>();
  return subscribeAll({
    "tracing:pottle:query:start": (message: QueryMessage): void => {
      const span = tracer().startSpan(nameOf(message), {
        kind: SpanKind.CLIENT,
        attributes: attributesOf(message, queryText),
      });
      spans.set(message, span);
      activate(message, trace.setSpan(context.active(), span));
    },
    "tracing:pottle:query:asyncEnd": (message: QueryMessage): void => {
      const span = spans.get(message);
      if (span === undefined) return;
      if ("error" in message) recordFailure(span, message.error);
      span.end();
    },
  });
}

function nameOf({ system, operation, collection, database }: QueryMessage): string {
  const target = collection ?? database;
  return [operation ?? system, ...(target === undefined ? [] : [target])].join(" ");
}

function attributesOf(message: QueryMessage, queryText: boolean): Attributes {
  const { system, operation, database, collection, text, server, batchSize } = message;
  return {
    ...serverAttributes(server),
    "db.system.name": system,
    "db.namespace": database,
    "db.collection.name": collection,
    "db.operation.name": operation,
    "db.operation.batch.size": batchSize,
    "db.query.text": queryText && text !== undefined ? withoutLiterals(text) : undefined,
  };
}

// The error's message may contain values, as that of a violated constraint does, so that it stays out of the span.
function recordFailure(span: Span, error: unknown): void {
  if (isCancelled(error)) return markCancelled(span, error);
  const code = statusCodeOf(error);
  span.setAttributes({ "db.response.status_code": code, "error.type": code ?? typeOf(error) });
  span.setStatus({ code: SpanStatusCode.ERROR });
}

function statusCodeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { sqlState, code } = error as { readonly sqlState?: unknown; readonly code?: unknown };
  const found = sqlState ?? code;
  return typeof found === "string" || typeof found === "number" ? String(found) : undefined;
}
