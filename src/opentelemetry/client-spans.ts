import {
  type Attributes,
  context,
  propagation,
  type Span,
  SpanKind,
  type TextMapSetter,
  trace,
} from "@opentelemetry/api";
import type { ClientRequestMessage, ClientResponse } from "../client/index.ts";
import type { HeaderList } from "../http/index.ts";
import { methodAttributes, serverAttributes, spanMethod } from "./addresses.ts";
import { recordError, recordStatus } from "./failures.ts";
import { activate, subscribeAll, type Tracers } from "./subscriptions.ts";

/** What the spans of the client's requests are made with. */
export interface ClientTracing {
  readonly tracer: Tracers;
  /** Whether they have the query of the URL. */
  readonly urlQuery: boolean;
}

/**
 * Makes a span of kind CLIENT for each request of the HTTP client, and sends its identity. It ends when the head of the
 * response has arrived. Returns a function that ends that.
 */
export function traceClientRequests(tracing: ClientTracing): () => void {
  const spans = new WeakMap<ClientRequestMessage, Span>();
  return subscribeAll({
    "tracing:pottle:client:request:start": (message: ClientRequestMessage): void => {
      const attributes = attributesOf(message, tracing.urlQuery);
      const span = tracing.tracer().startSpan(spanMethod(message.method), { kind: SpanKind.CLIENT, attributes });
      const inner = trace.setSpan(context.active(), span);
      spans.set(message, span);
      propagation.inject(inner, message.headers, headerSetter);
      activate(message, inner);
    },
    "tracing:pottle:client:request:asyncEnd": (message: ClientRequestMessage): void => {
      const span = spans.get(message);
      if (span === undefined) return;
      if ("error" in message) recordError(span, message.error);
      else recordStatus(span, (message.result as ClientResponse).status, 400);
      span.end();
    },
  });
}

const headerSetter: TextMapSetter<HeaderList> = { set: (headers, name, value) => void headers.set(name, value) };

function attributesOf({ method, url, redirects }: ClientRequestMessage, urlQuery: boolean): Attributes {
  const shown = new URL(url);
  shown.hash = "";
  if (!urlQuery) shown.search = "";
  return {
    ...methodAttributes(method),
    ...serverAttributes(url.host),
    "server.port": Number(url.port || (url.protocol === "https:" ? 443 : 80)),
    "url.full": shown.href,
    "http.request.resend_count": redirects === 0 ? undefined : redirects,
  };
}
