import {
  type Attributes,
  type Context,
  context,
  createContextKey,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  type TextMapGetter,
  trace,
} from "@opentelemetry/api";
import {
  type AccessEntry,
  ClientDisconnected,
  HeaderList,
  type RawHeaders,
  type RequestEndMessage,
  type RequestOutcome,
  type RequestStartMessage,
  type ServerExchange,
  splitTarget,
} from "../http/index.ts";
import type { RequestRouteMessage } from "../web/index.ts";
import { methodAttributes, serverAttributes, spanMethod } from "./addresses.ts";
import { markCancelled, recordError, recordStatus } from "./failures.ts";
import { activate, subscribeAll, type Tracers } from "./subscriptions.ts";

/** What the spans of requests are made with. */
export interface RequestTracing {
  readonly tracer: Tracers;
  /** Whether they have the query of the target. */
  readonly urlQuery: boolean;
}

/** Makes a span of kind SERVER for each request. Returns a function that ends that. */
export function traceRequests(tracing: RequestTracing): () => void {
  const spans = new WeakMap<ServerExchange, Span>();
  // The span of the request, which need not be the one that is active when the route is known.
  const requestSpan = createContextKey("The span of the request");
  return subscribeAll({
    "pottle:request:start": (message: RequestStartMessage): void => {
      const { exchange } = message;
      const parent = parentOf(exchange);
      const span = startSpan(tracing, exchange, parent);
      spans.set(exchange, span);
      activate(message, trace.setSpan(parent, span).setValue(requestSpan, span));
    },
    "pottle:request:route": ({ exchange, route }: RequestRouteMessage): void => {
      const span = context.active().getValue(requestSpan) as Span | undefined;
      span?.setAttribute("http.route", route);
      span?.updateName(`${spanMethod(exchange.method)} ${route}`);
    },
    "pottle:request:end": ({ exchange, entry }: RequestEndMessage): void => {
      const span = spans.get(exchange);
      if (span === undefined) return;
      spans.delete(exchange);
      recordOutcome(span, entry);
      span.end();
    },
  });
}

const headerGetter: TextMapGetter<RawHeaders> = {
  keys: (headers) => headers.filter((_name, index) => index % 2 === 0),
  get: (headers, key) => {
    const values = new HeaderList(headers).getAll(key);
    return values.length > 1 ? values : values[0];
  },
};

function parentOf({ rawHeaders }: ServerExchange): Context {
  return propagation.extract(ROOT_CONTEXT, rawHeaders, headerGetter);
}

function startSpan({ tracer, urlQuery }: RequestTracing, exchange: ServerExchange, parent: Context): Span {
  const { method, target, scheme, httpVersion, rawHeaders, peer, client = peer } = exchange;
  const headers = new HeaderList(rawHeaders);
  const { path, query } = splitTarget(target);
  const attributes: Attributes = {
    ...methodAttributes(method),
    ...serverAttributes(headers.get("host")),
    "url.path": path,
    "url.query": urlQuery && query !== "" ? query : undefined,
    "url.scheme": scheme,
    "network.protocol.version": httpVersion,
    "network.peer.address": peer?.address,
    "network.peer.port": peer?.port,
    "client.address": client?.address,
    "user_agent.original": headers.get("user-agent"),
  };
  return tracer().startSpan(spanMethod(method), { kind: SpanKind.SERVER, attributes }, parent);
}

function recordOutcome(span: Span, { status, outcome }: AccessEntry): void {
  if (status !== undefined) recordStatus(span, status, 500);
  if (outcome.kind === "failed") recordFailure(span, outcome.error);
  else if (outcome.kind === "cancelled") recordCancellation(span, outcome, status);
}

function recordFailure(span: Span, error: unknown): void {
  recordError(span, error);
  if (error instanceof Error) span.recordException(error);
}

// A request whose client has left is no failure of the server, one that the server has cut without an answer is.
function recordCancellation(
  span: Span,
  { reason }: Extract<RequestOutcome, { kind: "cancelled" }>,
  status: number | undefined,
): void {
  if (status === undefined && !(reason instanceof ClientDisconnected)) recordError(span, reason);
  markCancelled(span, reason);
}
