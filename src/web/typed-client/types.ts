import type { ResponsesOf } from "../contracts/contract-result.ts";
import type { RequestIssue } from "../errors/request-validation-error.ts";
import type { ContractPart, InputOf, OutputOf } from "../routing/contract.ts";
import type { PathArguments } from "../routing/path-types.ts";

/** The paths of a table that have a method. */
export type PathsOf<Routes, Method extends string> = keyof Routes extends infer Key
  ? Key extends `${Method} ${infer Path}`
    ? Path
    : never
  : never;

/** The contract of a route of a table. */
export type OptionsOf<Routes, Method extends string, Path extends string> = Routes[`${Method} ${Path}` & keyof Routes];

/** An object type without members. */
// oxlint-disable-next-line typescript/no-generated-empty-object-type -- that is what it is for
type Nothing = Record<never, never>;

type SentPart = Exclude<ContractPart, "params">;

type ValueOf<Part, S> = Part extends "form" ? InputOf<S> | FormData : InputOf<S>;

type PartsOf<Options> = {
  [Part in keyof Options & SentPart as Nothing extends InputOf<Options[Part]> ? never : Part]: ValueOf<
    Part,
    Options[Part]
  >;
} & {
  [Part in keyof Options & SentPart as Nothing extends InputOf<Options[Part]> ? Part : never]?: ValueOf<
    Part,
    Options[Part]
  >;
};

type ParamsOf<Path extends string> = keyof PathArguments<Path> extends never
  ? Nothing
  : { readonly params: PathArguments<Path> };

/** What a request of a route carries. */
export type RequestInput<Path extends string, Options> = ParamsOf<Path> & PartsOf<Options>;

/** The arguments after the path: none are needed if the route needs nothing. */
export type InputArguments<Path extends string, Options> =
  Nothing extends RequestInput<Path, Options>
    ? [input?: RequestInput<Path, Options>]
    : [input: RequestInput<Path, Options>];

/** What JSON makes of a value. */
export type JsonOf<T> = T extends { toJSON(): infer Json }
  ? Json
  : T extends bigint
    ? string
    : T extends readonly (infer Item)[]
      ? JsonOf<Item>[]
      : T extends object
        ? { [Name in keyof T]: JsonOf<T[Name]> }
        : T;

/** A response of a client: its status tells the type of its body. */
export interface TypedResponse<Status, Body> {
  /** The status. */
  readonly status: Status;
  /** The body, parsed if it is JSON; `null` if there is none. */
  readonly body: Body;
  /** The headers. */
  readonly headers: { get(name: string): string | null | undefined };
}

/** The body of a 400 by which a contract refuses a request. */
export interface InvalidRequest {
  readonly title: string;
  readonly status: 400;
  readonly detail: string;
  readonly errors: readonly RequestIssue[];
}

/** The responses of a route. */
export type ResponseOf<Options> = Options extends { readonly response: infer Schemas }
  ? ByStatus<ResponsesOf<Schemas>> | Refusal<Options, ResponsesOf<Schemas>>
  : TypedResponse<number, unknown>;

type ByStatus<Schemas> = {
  [Status in keyof Schemas]: TypedResponse<
    Status,
    Schemas[Status] extends null ? null : JsonOf<OutputOf<Schemas[Status]>>
  >;
}[keyof Schemas];

type Refusal<Options, Schemas> = 400 extends keyof Schemas
  ? never
  : keyof Options & ContractPart extends never
    ? never
    : TypedResponse<400, InvalidRequest>;
