// The server: from sockets to an application, with a task for each request that ends with its client.
/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

export { serve } from "./serve.ts";
export type { Engine, ServeOptions } from "./serve-options.ts";
export type { CertificateFiles, TlsOptions } from "./listening/tls-options.ts";
export { runServer, type RunServerOptions } from "./run-server.ts";
export type { ServerAddress } from "./listener.ts";
export { type CloseOptions, RunningServer, type ServerStatistics } from "./running-server.ts";
export { ListenError } from "./listening/listen-error.ts";

// gateway middlewares
export { dispatchByHost } from "./middleware/dispatch-by-host.ts";
export { dispatchByPrefix } from "./middleware/dispatch-by-prefix.ts";
export { redirectToHttps, type RedirectToHttpsOptions } from "./middleware/redirect-to-https.ts";
export { trustProxies, type TrustProxiesOptions } from "./middleware/trust-proxies.ts";
