// Code for node:http, Connect and Express, inside an application of Pottle.
/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

export { fromNodeHandler, mountExpress, type NodeHandler } from "./from-node-handler.ts";
export { fromConnect, type FromConnectOptions } from "./from-connect.ts";
export { nodeRequest, nodeResponse } from "./node-request-of.ts";
export type { AnyMiddleware, ConnectErrorMiddleware, ConnectMiddleware, ConnectNext } from "./run-chain.ts";
