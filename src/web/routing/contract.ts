/**
 * The contract of a route: the schemas of what a request carries and of what is answered. Any library that implements
 * Standard Schema makes them: zod, valibot, arktype. These are its types; `contracts/` checks requests by it.
 *
 * @see https://standardschema.dev/
 */

import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { JoinedPath, PathArguments } from "./path-types.ts";

/** A schema of any library that implements Standard Schema. */
export type Schema<Input = unknown, Output = Input> = StandardSchemaV1<Input, Output>;

/** The schemas of responses by their status; `null` for a status without a body. */
export type ResponseSchemas = Readonly<Record<number, Schema | null>>;

/** The parts of a request that a contract may have a schema for. */
export type ContractPart = "params" | "query" | "headers" | "cookies" | "body" | "form";

/** The schemas of a route. What a request carries is validated before the view, which gets the values by these names. */
export interface RouteContract {
  /**
   * The schema of the parameters of the path, as their converters give them, for checks that a converter cannot make.
   * @default none
   */
  readonly params?: Schema;
  /**
   * The schema of the query: an object of strings. A name that is there several times has an array; one that is there once
   * is also tried as an array of one, so `z.array()` takes it.
   * @default none
   */
  readonly query?: Schema;
  /**
   * The schema of the headers: an object of strings by lower-case names.
   * @default none
   */
  readonly headers?: Schema;
  /**
   * The schema of the cookies: an object of strings.
   * @default none
   */
  readonly cookies?: Schema;
  /**
   * The schema of the body, which must be JSON. A request without a body has `undefined`.
   * @default none
   */
  readonly body?: Schema;
  /**
   * The schema of the form in the body: an object of strings and uploaded files, with arrays as in `query`.
   * @default none
   */
  readonly form?: Schema;
  /**
   * The schema of the response, for 200 or by status. What a view returns is sent as JSON. In development it is checked;
   * what does not match is answered with 500 and reported.
   * @default none
   */
  readonly response?: Schema | ResponseSchemas;
  /**
   * How the schema of the response is used: `check` checks in development alone and sends what the view returned; `parse`
   * always sends what the schema makes of it, without members that the schema strips.
   * @default "check"
   */
  readonly responseMode?: "check" | "parse";
}

/** What the OpenAPI document says of a route. */
export interface RouteDocumentation {
  /**
   * A line about the route.
   * @default none
   */
  readonly summary?: string;
  /**
   * A text about the route, in CommonMark.
   * @default none
   */
  readonly description?: string;
  /**
   * The groups that it belongs to.
   * @default the name of its blueprint
   */
  readonly tags?: readonly string[];
  /**
   * Whether clients should not use it any more.
   * @default false
   */
  readonly deprecated?: boolean;
  /**
   * A name that no other operation has.
   * @default made of the method and the name of the route
   */
  readonly operationId?: string;
  /**
   * Whether it is left out of the document.
   * @default false
   */
  readonly hidden?: boolean;
  /**
   * The names of the security schemes of which a client must satisfy one; an empty list for none.
   * @default those of the document
   */
  readonly security?: readonly string[];
}

/** What a schema makes of a value. */
export type OutputOf<S> = S extends StandardSchemaV1 ? StandardSchemaV1.InferOutput<S> : never;

/** The value that a schema takes. */
export type InputOf<S> = S extends StandardSchemaV1 ? StandardSchemaV1.InferInput<S> : never;

/** The values that a contract adds to the first argument of a view. */
export type ContractValues<Options> = {
  [Part in keyof Options & ContractPart]: OutputOf<Options[Part]>;
};

/** Refuses parts of a contract whose name a parameter of the path has too. */
export type FreeParts<Path extends string, Options> = string extends Path
  ? unknown
  : {
      readonly [
        Part in keyof Options & ContractPart & keyof PathArguments<Path>
      ]: `the path has a parameter '${Part}' already: rename it`;
    };

/** {@link FreeParts} after the prefix of a blueprint. */
export type FreePartsAfter<Prefix extends string, Path extends string, Options> = [
  keyof Options & ContractPart,
] extends [never]
  ? unknown
  : FreeParts<JoinedPath<Prefix, Path>, Options>;
