// Spans of OpenTelemetry for requests, calls of the HTTP client and queries.
/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

export { traceWithOpenTelemetry, type TracingOptions } from "./trace-with-open-telemetry.ts";
