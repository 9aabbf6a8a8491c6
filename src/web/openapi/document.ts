/** A JSON Schema of draft 2020-12, which OpenAPI 3.1 uses. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** A server that the API is reached at. */
export interface OpenapiServer {
  /** The URL, absolute or relative to the document. */
  readonly url: string;
  /** A text about it. */
  readonly description?: string;
}

/** What the document says of the API as a whole. */
export interface OpenapiOptions {
  /** The name of the API. */
  readonly title: string;
  /** The version of the API, not that of OpenAPI. */
  readonly version: string;
  /**
   * A text about the API, in CommonMark.
   * @default none
   */
  readonly description?: string;
  /**
   * The servers that the API is reached at.
   * @default the one that serves the document
   */
  readonly servers?: readonly OpenapiServer[];
  /**
   * The groups of operations with a text for each, in the order in which they are shown.
   * @default those of the routes
   */
  readonly tags?: readonly { readonly name: string; readonly description?: string }[];
  /**
   * The ways in which clients prove who they are, by their names, as security scheme objects of OpenAPI.
   * @default none
   */
  readonly securitySchemes?: Readonly<Record<string, JsonSchema>>;
  /**
   * The names of the security schemes of which a client must satisfy one for every route that does not say otherwise.
   * @default none
   */
  readonly security?: readonly string[];
  /**
   * Called for each thing that the document cannot have, such as a schema without a form in JSON Schema.
   * @default a warning of the process
   */
  readonly onWarning?: (message: string) => void;
}

/** An OpenAPI document: an object that is JSON. */
export interface OpenapiDocument {
  /** The version of OpenAPI. */
  readonly openapi: "3.1.0";
  /** Title, version and description of the API. */
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  /** The servers. */
  readonly servers?: readonly OpenapiServer[];
  /** The operations, by path and method. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenapiOperation>>>>;
  /** The parts that are used in several places. */
  readonly components: Readonly<Record<string, Readonly<Record<string, JsonSchema>>>>;
  /** The security schemes of every operation that does not say otherwise. */
  readonly security?: readonly JsonSchema[];
  /** The groups of operations. */
  readonly tags?: readonly { readonly name: string; readonly description?: string }[];
}

/** One method of one path. */
export interface OpenapiOperation {
  readonly operationId: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly deprecated?: boolean;
  readonly parameters?: readonly JsonSchema[];
  readonly requestBody?: JsonSchema;
  readonly responses: Readonly<Record<string, JsonSchema>>;
  readonly security?: readonly JsonSchema[];
}
