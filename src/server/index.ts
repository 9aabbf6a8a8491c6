// The server: from sockets to an application, with a task for each request that ends with its client.
/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

export { serve } from "./serve.ts";
export type { Engine, ServeOptions } from "./serve-options.ts";
export type { CertificateFiles, TlsOptions } from "./listening/tls-options.ts";
export type { Http2Options } from "./http2/options.ts";
export { runServer, type RunServerOptions } from "./run-server.ts";
export type { ServerAddress } from "./listener.ts";
export { type CloseOptions, RunningServer, type ServerStatistics } from "./running-server.ts";
export { ListenError } from "./listening/listen-error.ts";
export { TlsFileError } from "./listening/tls-file-error.ts";

// logs
export { AccessLog, type AccessLogOptions, type LogOptions } from "./logs/access-log.ts";
export type { AccessFormatName } from "./logs/access-format.ts";
export { ErrorLog, type ErrorLogOptions, type FailedRequest } from "./logs/error-log.ts";
export type { LogDestination } from "./logs/destination.ts";
export type { LogStatistics } from "./logs/line-writer.ts";
export { LogOpenError } from "./logs/log-open-error.ts";

// figures
export { metrics, type MetricsApplication, type MetricsOptions } from "./metrics/metrics.ts";

// what is told by node:diagnostics_channel
export type { ConnectionMessage, RequestRefusedMessage } from "./logs/server-channels.ts";

// gateway middlewares
export { dispatchByHost } from "./middleware/dispatch-by-host.ts";
export { dispatchByPrefix } from "./middleware/dispatch-by-prefix.ts";
export { redirectToHttps, type RedirectToHttpsOptions } from "./middleware/redirect-to-https.ts";
export { trustProxies, type TrustProxiesOptions } from "./middleware/trust-proxies.ts";
