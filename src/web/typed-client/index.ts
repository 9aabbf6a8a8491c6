// A client of routes that `contractRoutes` declares, typed by their contracts.
/// <reference types="node" preserve="true" />

export {
  type ReceivedResponse,
  type RequestSender,
  type TypedClient,
  typedClient,
  type TypedClientOptions,
  UnexpectedResponseError,
} from "./typed-client.ts";
export type {
  InputArguments,
  InvalidRequest,
  JsonOf,
  OptionsOf,
  PathsOf,
  RequestInput,
  ResponseOf,
  TypedResponse,
} from "./types.ts";
