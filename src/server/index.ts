/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

export { serve } from "./serve.ts";
export type { ServeOptions } from "./serve-options.ts";
export { runServer, type RunServerOptions } from "./run-server.ts";
export type { ServerAddress } from "./node-listener.ts";
export { RunningServer, type ServerStatistics } from "./running-server.ts";
export { ListenError } from "./listen-error.ts";
