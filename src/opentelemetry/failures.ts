import { type Span, SpanStatusCode } from "@opentelemetry/api";
import { isCancelled } from "../asyncio/index.ts";
import { show } from "../base/show.ts";

/** Marks a span as that of an operation that was cancelled. Its status stays unset: the caller wanted no more of it. */
export function markCancelled(span: Span, reason: unknown): void {
  span.setAttributes({ "pottle.cancelled": true, "error.type": typeOf(reason) });
}

/** Records why the operation of a span failed, or that it was cancelled. */
export function recordError(span: Span, error: unknown): void {
  if (isCancelled(error)) return markCancelled(span, error);
  span.setAttribute("error.type", typeOf(error));
  span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
}

/** Gives the span of a request the status of its response; `firstError` is the lowest one that is an error. */
export function recordStatus(span: Span, status: number, firstError: number): void {
  span.setAttribute("http.response.status_code", status);
  if (status < firstError) return;
  span.setAttribute("error.type", String(status));
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** The class of an error: `ServerShutdown`; `_OTHER` for a value that is not an error. */
export function typeOf(error: unknown): string {
  return error instanceof Error ? error.name : "_OTHER";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : show(error);
}
