import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { ambient } from "../../asyncio/index.ts";
import { wrongType } from "../../base/refusal.ts";
import type { Pottle } from "../app/pottle.ts";
import { sendFile } from "../files/send-file.ts";
import type { HttpRequest } from "../message/http-request.ts";
import { jsonify, makeResponse } from "../message/from-result.ts";
import type { HttpResponse } from "../message/http-response.ts";
import { docsPage, docsPolicy, docsScript } from "./_docs-page.ts";
import type { OpenapiDocument, OpenapiOptions } from "./document.ts";
import { openapi } from "./openapi.ts";

/** Options of {@link addOpenapi}. */
export interface AddOpenapiOptions extends OpenapiOptions {
  /**
   * The path of the document.
   * @default "/openapi.json"
   */
  readonly path?: string;
  /**
   * The path of the page that shows the document; `false` for none.
   * @default "/docs"
   */
  readonly docs?: string | false;
}

/** The package that the page is made of cannot be found. */
export class MissingSwaggerUIError extends Error {
  override readonly name = "MissingSwaggerUIError";
}

/** The options by application, for the command line, which may have another copy of this module. */
const described = ambient("web.openapi", () => new WeakMap<object, OpenapiOptions>());

/** @internal The options that `addOpenapi` was given for an application. */
export function openapiOptionsOf(app: object): OpenapiOptions | undefined {
  return described.get(app);
}

/**
 * Serves the OpenAPI document of an application, made when it is first asked for, and a page that shows it: Swagger UI of the
 * package `swagger-ui-dist`, from this server, without a request to another one. Both are left out of the document.
 *
 * @throws {MissingSwaggerUIError} If there is to be a page, and `swagger-ui-dist` is not installed.
 * @throws {TypeError} If a path is not text.
 * @throws {SetupError} If it is too late.
 * @example
 * import { addOpenapi } from "pottle/openapi";
 * const app = new Pottle(import.meta);
 * app.get("/todos", () => []);
 * addOpenapi(app, { title: "Todos", version: "1.0.0" });
 * const response = await app.testClient().get("/openapi.json");
 * console.log(Object.keys(response.json<{ paths: object }>().paths)); // [ '/todos' ]
 */
export function addOpenapi<Values>(app: Pottle<Values>, options: AddOpenapiOptions): void {
  const { path = "/openapi.json", docs = "/docs", ...rest } = options;
  if (typeof path !== "string") throw wrongType("serve an OpenAPI document", "'path' must be text", path);
  if (docs !== false && typeof docs !== "string") {
    throw wrongType("serve an OpenAPI document", "'docs' must be text or false", docs);
  }
  const folder = docs === false ? undefined : findSwaggerUI(app.rootPath);
  described.set(app, rest);
  let made: Promise<OpenapiDocument> | undefined;
  app.get<string, typeof hidden>(path, hidden, async (_, request) => {
    made ??= openapi(app, rest);
    return answerDocument(await made, request);
  });
  if (docs !== false && folder !== undefined) addPage(app, docs.replace(/\/$/, ""), path, rest, folder);
}

const hidden = { hidden: true } as const;
const page = { hidden: true, strictSlashes: false } as const;

/** The document, which says under which path the application is mounted. */
function answerDocument(document: OpenapiDocument, request: HttpRequest): HttpResponse {
  const { basePath } = request;
  const servers = document.servers ?? (basePath === "" ? undefined : [{ url: basePath }]);
  return jsonify(servers === undefined ? document : { ...document, servers })
    .addEtag()
    .makeConditional(request);
}

function addPage<Values>(
  app: Pottle<Values>,
  docs: string,
  path: string,
  options: OpenapiOptions,
  folder: string,
): void {
  const policy = docsPolicy(options.servers ?? []);
  app.get<string, typeof page>(docs === "" ? "/" : docs, page, (_, { basePath }) =>
    makeResponse(docsPage(options.title, `${basePath}${docs}`, `${basePath}${path}`), 200, {
      "Content-Security-Policy": policy,
    }),
  );
  app.get<string, typeof hidden>(`${docs}/start.js`, hidden, (_, request) =>
    makeResponse(docsScript, 200, { "Content-Type": "text/javascript; charset=utf-8" })
      .addEtag()
      .makeConditional(request),
  );
  app.get<string, typeof hidden>(`${docs}/<any(swagger-ui.css, swagger-ui-bundle.js):file>`, hidden, ({ file }) =>
    sendFile(join(folder, String(file)), { maxAge: 86_400_000 }),
  );
}

/** The folder of Swagger UI: beside this package, or beside the application. */
function findSwaggerUI(rootPath: string): string {
  for (const from of [import.meta.url, join(rootPath, "app.js")]) {
    try {
      return dirname(createRequire(from).resolve("swagger-ui-dist/package.json"));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    }
  }
  throw new MissingSwaggerUIError(
    "Cannot serve the documentation page as the package 'swagger-ui-dist' is not installed: run 'npm install swagger-ui-dist', or set the option 'docs' to false",
  );
}
