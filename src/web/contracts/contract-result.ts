import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { HttpResponse } from "../message/http-response.ts";
import type { InputOf, OutputOf } from "../routing/contract.ts";
import type { Reply } from "./reply.ts";

/** The schemas of a `response` option by status. */
export type ResponsesOf<Response> = Response extends StandardSchemaV1 ? { readonly 200: Response } : Response;

/**
 * What a view may return under a contract: a value for 200, or a reply of a status that the contract has, or a response that
 * says nothing of its value. It is `Default` if the contract has no `response`.
 */
export type ContractResult<Options, Default> = Options extends { readonly response: infer Schemas }
  ? RepliesOf<ResponsesOf<Schemas>, Options extends { readonly responseMode: "parse" } ? "parse" : "check"> | Untyped
  : Default;

type RepliesOf<Schemas, Mode> =
  | (Schemas extends { readonly 200: infer Ok } ? ValueOf<Ok, Mode> : never)
  | { [Status in keyof Schemas]: Reply<Status, ValueOf<Schemas[Status], Mode>> }[keyof Schemas];

type ValueOf<S, Mode> = S extends null ? null : Mode extends "parse" ? InputOf<S> : OutputOf<S>;

/** A response without its value in its type. It is checked in development alone. */
type Untyped = (HttpResponse & { readonly replied?: never }) | Response;
