// asyncio's streams: connections and servers that exchange bytes over TCP and Unix sockets.
/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

// connections
export { type ConnectionOpenOptions, openConnection, openUnixConnection } from "./open-connection.ts";
export { type ServerStartOptions, startServer, startUnixServer } from "./start-server.ts";
export { type ClientHandler, Server, type ServerStatistics } from "./server.ts";

// reading and writing
export { StreamReader, type StreamReaderOptions, type StreamReaderStatistics } from "./stream-reader.ts";
export { type Endpoint, StreamWriter, type StreamWriterStatistics } from "./stream-writer.ts";
export type { Separator } from "./_separator.ts";
export type { StartTlsOptions } from "./_tls.ts";

// errors
export { ConnectionResetError, IncompleteReadError, LimitOverrunError } from "./errors.ts";
