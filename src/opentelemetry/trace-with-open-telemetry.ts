// What happens is told by channels of `node:diagnostics_channel`, which cost nothing without subscribers. This floor
// subscribes to them:
//
//   pottle:request:start ──> a span of kind SERVER, and its context around the task of the request
//   pottle:request:route ──> its route          pottle:request:end ──> its status and its end
//   pottle:client:request, pottle:query ──> spans of kind CLIENT, children of the span that is active there
//
// A context is active in everything that a request awaits and in the tasks that it starts: a task keeps the
// `AsyncLocalStorage` of the code that created it.

import { trace, type TracerProvider } from "@opentelemetry/api";
import { option } from "../base/options.ts";
import { traceClientRequests } from "./client-spans.ts";
import { traceQueries } from "./query-spans.ts";
import { traceRequests } from "./request-spans.ts";
import type { Tracers } from "./subscriptions.ts";

/** Options of {@link traceWithOpenTelemetry}. */
export interface TracingOptions {
  /** Whether requests to servers get spans. @default true */
  readonly requests?: boolean;
  /** Whether requests of the HTTP client get spans and send `traceparent`. @default true */
  readonly clientRequests?: boolean;
  /** Whether queries and commands of databases get spans. @default true */
  readonly queries?: boolean;
  /** Whether spans have the text of SQL queries, in which all literals are replaced by `?`. @default true */
  readonly queryText?: boolean;
  /** Whether spans have the query of URLs, which may contain secrets. @default false */
  readonly urlQuery?: boolean;
  /** The provider that makes the tracer. @default the global one, also if it is registered later */
  readonly tracerProvider?: TracerProvider;
}

/**
 * Makes spans of OpenTelemetry for requests, for requests of the HTTP client, and for queries, until the returned object
 * is disposed of. Exporters, sampling and the propagator are those that the program has registered.
 *
 * @throws {TypeError} If an option is not a boolean.
 * @example
 * import { trace } from "@opentelemetry/api";
 * import { Pottle } from "pottle";
 * import { traceWithOpenTelemetry } from "pottle/opentelemetry";
 * using tracing = traceWithOpenTelemetry({ queryText: false });
 * const app = new Pottle(import.meta);
 * app.get("/", () => `In a span: ${trace.getActiveSpan() !== undefined}`);
 * console.log((await app.testClient().get("/")).text()); // In a span: false
 * @see https://opentelemetry.io/docs/specs/semconv/http/http-spans/
 */
export function traceWithOpenTelemetry(options: TracingOptions = {}): Disposable {
  const { requests = true, clientRequests = true, queries = true, queryText = true, urlQuery = false } = options;
  const action = "trace with OpenTelemetry";
  for (const [name, value] of Object.entries({ requests, clientRequests, queries, queryText, urlQuery })) {
    option(action, name, value).boolean();
  }
  const provider = options.tracerProvider ?? trace;
  // Asked for with each span: another copy of the API may register the global provider later.
  const tracer: Tracers = () => provider.getTracer("pottle");
  const started = [
    ...(requests ? [traceRequests({ tracer, urlQuery })] : []),
    ...(clientRequests ? [traceClientRequests({ tracer, urlQuery })] : []),
    ...(queries ? [traceQueries({ tracer, queryText })] : []),
  ];
  return {
    [Symbol.dispose](): void {
      for (const stop of started) stop();
    },
  };
}
