// The server: from sockets to an application, with a task for each request that ends with its client.
/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

export { serve } from "./serve.ts";
export type { ServeOptions } from "./serve-options.ts";
export { runServer, type RunServerOptions } from "./run-server.ts";
export { RunningServer, type ServerAddress, type ServerStatistics } from "./running-server.ts";
export { ListenError } from "./listen-error.ts";
