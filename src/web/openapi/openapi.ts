import { wrongType } from "../../base/refusal.ts";
import { showKind } from "../../base/show.ts";
import { isPottle, type Pottle } from "../app/pottle.ts";
import { contractParts, responseSchemas } from "../contracts/check-contract.ts";
import { SetupError } from "../errors/setup-error.ts";
import type { Schema } from "../routing/contract.ts";
import { collectRoutes, type DocumentedRoute } from "./_collect-routes.ts";
import { Components } from "./_components.ts";
import { type OperationTools, toOperation, toRequirements } from "./_operation.ts";
import { type PathTemplate, toTemplate } from "./_path-template.ts";
import { createConverter } from "./_to-json-schema.ts";
import type { JsonSchema, OpenapiDocument, OpenapiOperation, OpenapiOptions } from "./document.ts";

/** The methods that OpenAPI 3.1 has. HEAD and OPTIONS are answered by themselves, so they are not shown. */
const methodsShown: ReadonlySet<string> = new Set(["GET", "PUT", "POST", "DELETE", "PATCH", "TRACE"]);
const methodsKnown: ReadonlySet<string> = new Set([...methodsShown, "HEAD", "OPTIONS"]);

/**
 * Makes the OpenAPI 3.1 document of an application: its routes, with those of applications that are mounted in it. Parameters
 * of paths come from their converters, all else from the contracts of the routes. Routes with `hidden` are left out.
 *
 * @throws {TypeError} If `app` is not an application, or title or version are not text.
 * @throws {SetupError} If a route names a security scheme that `options` do not have.
 * @example
 * import { openapi } from "pottle/openapi";
 * import { z } from "zod";
 * const app = new Pottle(import.meta);
 * app.get("/todos/<int:id>", { summary: "Show a todo", response: z.object({ title: z.string() }) }, () => ({ title: "x" }));
 * const document = await openapi(app, { title: "Todos", version: "1.0.0" });
 * console.log(document.paths["/todos/{id}"]?.["get"]?.summary); // Show a todo
 * @see https://spec.openapis.org/oas/v3.1.0
 */
export async function openapi<Values>(app: Pottle<Values>, options: OpenapiOptions): Promise<OpenapiDocument> {
  checkOptions(app, options);
  const { title, version, description, servers, tags, securitySchemes = {}, security } = options;
  const warn =
    options.onWarning ?? ((message: string): void => process.emitWarning(message, { code: "POTTLE_OPENAPI" }));
  const routes = collectRoutes(app);
  for (const { endpoint } of routes) checkSecurity(endpoint.path, endpoint.options.security ?? [], securitySchemes);
  checkSecurity("*", security ?? [], securitySchemes);
  const convert = await createConverter(routes.flatMap(schemasOf), warn);
  const components = new Components();
  const paths = toPaths(routes, { convert, components, warn, options, operationIds: new Set() });
  return {
    openapi: "3.1.0",
    info: { title, version, ...(description === undefined ? {} : { description }) },
    ...(servers === undefined ? {} : { servers }),
    paths,
    components: {
      schemas: { ...components.schemas, ...problemSchemas },
      responses: problemResponses,
      ...(Object.keys(securitySchemes).length === 0 ? {} : { securitySchemes }),
    },
    ...(security === undefined ? {} : { security: toRequirements(security) }),
    ...(tags === undefined ? {} : { tags }),
  };
}

function checkOptions(app: unknown, { title, version }: OpenapiOptions): void {
  const action = "make an OpenAPI document";
  if (!isPottle(app)) throw wrongType(action, "'app' must be an application", app, showKind);
  if (typeof title !== "string") throw wrongType(action, "'title' must be text", title);
  if (typeof version !== "string") throw wrongType(action, "'version' must be text", version);
}

function checkSecurity(path: string, names: readonly string[], schemes: Readonly<Record<string, unknown>>): void {
  const unknown = names.find((name) => !Object.hasOwn(schemes, name));
  if (unknown === undefined) return;
  const known = Object.keys(schemes).join(", ") || "none";
  throw new SetupError(
    `Cannot document '${path}' as there is no security scheme '${unknown}': 'securitySchemes' has ${known}`,
  );
}

function schemasOf({ endpoint: { options } }: DocumentedRoute): Schema[] {
  const schemas = [...contractParts.map((part) => options[part]), ...Object.values(responseSchemas(options) ?? {})];
  return schemas.filter((schema): schema is Schema => schema !== undefined && schema !== null);
}

/** A path in the document: what the first route of its shape calls its parameters is what they are called. */
interface PathItem {
  readonly template: PathTemplate;
  readonly operations: Record<string, OpenapiOperation>;
}

function toPaths(routes: readonly DocumentedRoute[], tools: OperationTools): OpenapiDocument["paths"] {
  const items = new Map<string, PathItem>();
  for (const entry of routes) {
    const template = toTemplate(entry.prefix, entry.route.pattern);
    const item = items.get(template.shape) ?? { template, operations: {} };
    items.set(template.shape, item);
    for (const method of entry.route.methods) addOperation(item, method, entry, template, tools);
  }
  const filled = [...items.values()].filter(({ operations }) => Object.keys(operations).length > 0);
  return Object.fromEntries(filled.map(({ template, operations }) => [template.template, operations]));
}

function addOperation(
  item: PathItem,
  method: string,
  entry: DocumentedRoute,
  { template, parameters }: PathTemplate,
  tools: OperationTools,
): void {
  if (!methodsShown.has(method)) {
    if (!methodsKnown.has(method))
      tools.warn(`${method} ${template} is not in the document: OpenAPI has no such method`);
    return;
  }
  const key = method.toLowerCase();
  if (Object.hasOwn(item.operations, key)) {
    tools.warn(`${method} ${template} is not in the document: ${item.template.template} has the same shape`);
    return;
  }
  const renamed = parameters.map((parameter, index) => ({ ...parameter, name: item.template.parameters[index]!.name }));
  item.operations[key] = toOperation(method, entry, { ...item.template, parameters: renamed }, tools);
}

const problemSchemas: Readonly<Record<string, JsonSchema>> = {
  Problem: {
    type: "object",
    description: "What went wrong, as RFC 9457 says.",
    properties: {
      type: { type: "string" },
      title: { type: "string" },
      status: { type: "integer" },
      detail: { type: "string" },
    },
    required: ["title", "status"],
  },
  InvalidRequest: {
    allOf: [{ $ref: "#/components/schemas/Problem" }],
    properties: {
      errors: {
        type: "array",
        items: {
          type: "object",
          properties: {
            in: { type: "string", enum: [...contractParts] },
            path: { type: "array", items: { type: ["string", "integer"] } },
            message: { type: "string" },
          },
          required: ["in", "path", "message"],
        },
      },
    },
    required: ["errors"],
  },
};

const problemResponses: Readonly<Record<string, JsonSchema>> = {
  InvalidRequest: problemResponse("The request does not match.", "InvalidRequest"),
  Unauthorized: problemResponse("The client must say who it is.", "Problem"),
  ContentTooLarge: problemResponse("The body is too large.", "Problem"),
  UnsupportedMediaType: problemResponse("The body is of another type.", "Problem"),
};

function problemResponse(description: string, schema: string): JsonSchema {
  const content = { "application/problem+json": { schema: { $ref: `#/components/schemas/${schema}` } } };
  return { description, content };
}
