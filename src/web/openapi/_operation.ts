import { phraseOf } from "../../http/index.ts";
import { isSchema, responseSchemas } from "../contracts/check-contract.ts";
import type { ContractPart, Schema } from "../routing/contract.ts";
import type { ViewOptions } from "../routing/route.ts";
import type { DocumentedRoute } from "./_collect-routes.ts";
import type { Components } from "./_components.ts";
import type { PathTemplate } from "./_path-template.ts";
import type { SchemaConverter, Side } from "./_to-json-schema.ts";
import type { JsonSchema, OpenapiOperation, OpenapiOptions } from "./document.ts";

/** What an operation is made with. */
export interface OperationTools {
  readonly convert: SchemaConverter;
  readonly components: Components;
  readonly warn: (message: string) => void;
  readonly options: OpenapiOptions;
  /** The names of operations so far. */
  readonly operationIds: Set<string>;
}

/** Makes the operation of a method of a route. */
export function toOperation(
  method: string,
  { endpoint }: DocumentedRoute,
  { template, parameters }: PathTemplate,
  tools: OperationTools,
): OpenapiOperation {
  return new OperationBuilder(method, endpoint, template, parameters, tools).build();
}

interface NamedRoute {
  readonly name: string;
  readonly options: ViewOptions;
  readonly nesting: { readonly name: string };
}

// Headers that OpenAPI describes in other places.
const ignoredHeaders: ReadonlySet<string> = new Set(["accept", "content-type", "authorization"]);

class OperationBuilder {
  readonly #method: string;
  readonly #route: NamedRoute;
  readonly #path: string;
  readonly #parameters: PathTemplate["parameters"];
  readonly #tools: OperationTools;
  readonly #id: string;

  constructor(
    method: string,
    route: NamedRoute,
    path: string,
    parameters: PathTemplate["parameters"],
    tools: OperationTools,
  ) {
    this.#method = method;
    this.#route = route;
    this.#path = path;
    this.#parameters = parameters;
    this.#tools = tools;
    this.#id = this.#chooseId();
  }

  build(): OpenapiOperation {
    const { summary, description, deprecated, tags, security } = this.#route.options;
    const group = this.#route.nesting.name;
    const parameters = this.#allParameters();
    const requestBody = this.#requestBody();
    return {
      operationId: this.#id,
      ...(summary === undefined ? {} : { summary }),
      ...(description === undefined ? {} : { description }),
      ...(tags === undefined && group === "" ? {} : { tags: tags ?? [group] }),
      ...(deprecated === true ? { deprecated } : {}),
      ...(parameters.length === 0 ? {} : { parameters }),
      ...(requestBody === undefined ? {} : { requestBody }),
      responses: this.#responses(),
      ...(security === undefined ? {} : { security: toRequirements(security) }),
    };
  }

  #chooseId(): string {
    const { name, options } = this.#route;
    // A route without a name is called by its path, whose converters would make it long.
    const own = name.includes("/") ? this.#path : name;
    const words = `${this.#method} ${own}`.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
    const made = words.map((word, index) =>
      index === 0 ? word.toLowerCase() : word[0]!.toUpperCase() + word.slice(1),
    );
    const wanted = options.operationId ?? made.join("");
    for (let count = 1; ; count++) {
      const id = count === 1 ? wanted : `${wanted}${count}`;
      if (this.#tools.operationIds.has(id)) continue;
      this.#tools.operationIds.add(id);
      return id;
    }
  }

  #schema(schema: Schema, side: Side, part: string): JsonSchema {
    const place = `'${part}' of ${this.#method} ${this.#path}`;
    const name = `${this.#id[0]!.toUpperCase()}${this.#id.slice(1)}_${part}`;
    return this.#tools.components.adopt(this.#tools.convert(schema, side, place), name);
  }

  #allParameters(): JsonSchema[] {
    const { params } = this.#route.options;
    const checks = params === undefined ? {} : this.#propertiesOf("params", params).properties;
    const ofPath = this.#parameters.map(({ name, schema }) => {
      const more = Object.hasOwn(checks, name) ? checks[name] : undefined;
      return { name, in: "path", required: true, schema: { ...schema, ...more } };
    });
    return [
      ...ofPath,
      ...this.#parametersIn("query", "query"),
      ...this.#parametersIn("headers", "header"),
      ...this.#parametersIn("cookies", "cookie"),
    ];
  }

  #parametersIn(part: "query" | "headers" | "cookies", place: string): JsonSchema[] {
    const schema = this.#route.options[part];
    if (schema === undefined) return [];
    const { properties, required } = this.#propertiesOf(part, schema);
    const names = Object.keys(properties).filter((name) => place !== "header" || !ignoredHeaders.has(name));
    return names.map((name) => {
      const { description, ...own } = properties[name] ?? {};
      const text = typeof description === "string" ? { description } : {};
      return { name, in: place, ...(required.includes(name) ? { required: true } : {}), ...text, schema: own };
    });
  }

  /** The members of the object that a schema takes. */
  #propertiesOf(part: ContractPart, schema: Schema): ObjectSchema {
    const whole = this.#resolve(this.#schema(schema, "input", part)) as Partial<ObjectSchema>;
    if (whole.properties !== undefined) return { required: [], ...whole, properties: whole.properties };
    this.#tools.warn(
      `'${part}' of ${this.#method} ${this.#path} is not in the document: its schema is not one of an object`,
    );
    return { properties: {}, required: [] };
  }

  #resolve(schema: JsonSchema): JsonSchema {
    const { $ref: reference } = schema;
    const name = typeof reference === "string" ? reference.replace("#/components/schemas/", "") : "";
    return this.#tools.components.schemas[name] ?? schema;
  }

  #requestBody(): JsonSchema | undefined {
    const { body, form } = this.#route.options;
    if (body !== undefined) {
      const content = { "application/json": { schema: this.#schema(body, "input", "body") } };
      return { required: !allowsNone(body), content };
    }
    if (form === undefined) return undefined;
    const schema = this.#schema(form, "input", "form");
    return {
      required: true,
      content: { "multipart/form-data": { schema }, "application/x-www-form-urlencoded": { schema } },
    };
  }

  #responses(): Record<string, JsonSchema> {
    const { options } = this.#route;
    const own = responseSchemas(options) ?? { 200: undefined };
    const responses: Record<string, JsonSchema> = { ...this.#errorResponses() };
    for (const [status, schema] of Object.entries(own) as [string, Schema | null | undefined][]) {
      responses[status] = this.#response(status, schema);
    }
    return responses;
  }

  #response(status: string, schema: Schema | null | undefined): JsonSchema {
    const description = phraseOf(Number(status)) || `Status ${status}`;
    if (schema === null || !isSchema(schema)) return { description };
    return {
      description,
      content: { "application/json": { schema: this.#schema(schema, "output", `response_${status}`) } },
    };
  }

  /** The errors that the framework answers with by itself. */
  #errorResponses(): Record<string, JsonSchema> {
    const {
      params,
      query,
      headers,
      cookies,
      body,
      form,
      security = this.#tools.options.security,
    } = this.#route.options;
    const hasContent = body !== undefined || form !== undefined;
    const isChecked = hasContent || [params, query, headers, cookies].some((part) => part !== undefined);
    return {
      ...(isChecked ? { 400: { $ref: "#/components/responses/InvalidRequest" } } : {}),
      ...(hasContent ? { 413: { $ref: "#/components/responses/ContentTooLarge" } } : {}),
      ...(hasContent ? { 415: { $ref: "#/components/responses/UnsupportedMediaType" } } : {}),
      ...(security !== undefined && security.length > 0
        ? { 401: { $ref: "#/components/responses/Unauthorized" } }
        : {}),
    };
  }
}

interface ObjectSchema {
  readonly properties: Readonly<Record<string, JsonSchema>>;
  readonly required: readonly string[];
}

/** The names of security schemes, of which one is enough, as OpenAPI writes it. */
export function toRequirements(names: readonly string[]): JsonSchema[] {
  return names.map((name) => ({ [name]: [] }));
}

/** Whether a schema takes a request without a body. */
function allowsNone(schema: Schema): boolean {
  try {
    const outcome = schema["~standard"].validate(undefined);
    if (!(outcome instanceof Promise)) return outcome.issues === undefined;
    outcome.catch(() => undefined);
    return false;
  } catch {
    return false;
  }
}
