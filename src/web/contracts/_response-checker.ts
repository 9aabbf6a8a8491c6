import { isResponse } from "../../base/fetch-classes.ts";
import { toIssues, callSchema } from "./_call-schema.ts";
import { describeIssue } from "../errors/request-validation-error.ts";
import { ResponseValidationError } from "../errors/response-validation-error.ts";
import { isDevelopment } from "../failure/development.ts";
import { jsonify } from "../message/from-result.ts";
import { HttpResponse } from "../message/http-response.ts";
import type { ResponseSchemas, RouteContract, Schema } from "../routing/contract.ts";
import { responseSchemas } from "./check-contract.ts";
import { Reply } from "./reply.ts";

/** The number of issues in a message. A list can have a million of them. */
const issuesShown = 5;

/** The application, as far as it says whether responses are checked. */
export interface CheckingApp {
  readonly development: boolean | undefined;
}

/** Checks what the view of a route answers. */
export class ResponseChecker {
  readonly #path: string;
  readonly #schemas: ResponseSchemas;
  readonly #parses: boolean;
  readonly #app: CheckingApp;

  constructor(path: string, options: RouteContract, app: CheckingApp) {
    this.#path = path;
    this.#schemas = responseSchemas(options) ?? {};
    this.#parses = options.responseMode === "parse";
    this.#app = app;
  }

  /**
   * Makes the response of what the view returned.
   *
   * @throws {ResponseValidationError} If it does not match, in development or if the schema parses it.
   */
  finish(result: unknown): unknown {
    if (this.#parses || (this.#app.development ?? isDevelopment())) return this.#check(result);
    return result instanceof HttpResponse || isResponse(result) ? result : toJSONResult(result);
  }

  async #check(result: unknown): Promise<unknown> {
    if (isResponse(result)) return result;
    if (!(result instanceof HttpResponse)) return toJSONResult(await this.#validated(200, result));
    if (result instanceof Reply) {
      const reply = result as Reply<number, unknown>;
      const value = await this.#validated(reply.status, reply.replied);
      if (this.#parses && value !== null) reply.setValue(value);
      return reply;
    }
    return await this.#checkUntyped(result);
  }

  /** Checks a response of `makeResponse` by its JSON. Others, such as pages and redirects, are the view's own affair. */
  async #checkUntyped(response: HttpResponse): Promise<HttpResponse> {
    const { status, body } = response;
    const isJSON = /^application\/json(?:;|$)/i.test(response.headers.get("content-type") ?? "");
    if (!isJSON || typeof body !== "string" || !Object.hasOwn(this.#schemas, status)) return response;
    const value = await this.#validated(status, JSON.parse(body));
    if (this.#parses) response.body = jsonify(value).body;
    return response;
  }

  /** The value to send. */
  async #validated(status: number, value: unknown): Promise<unknown> {
    const schema = this.#schemaFor(status);
    if (schema === null) {
      if (value === null) return value;
      throw new ResponseValidationError(this.#path, status, "it has a body, and the contract has none");
    }
    const { issues, ...outcome } = await callSchema(schema, value, "response");
    if (issues === undefined) return this.#parses ? (outcome as { value: unknown }).value : value;
    throw new ResponseValidationError(
      this.#path,
      status,
      toIssues("response", issues).slice(0, issuesShown).map(describeIssue).join("; "),
    );
  }

  #schemaFor(status: number): Schema | null {
    const schema = Object.hasOwn(this.#schemas, status) ? this.#schemas[status] : undefined;
    if (schema !== undefined) return schema;
    throw new ResponseValidationError(this.#path, status, `it has ${Object.keys(this.#schemas).join(", ")} only`);
  }
}

/** Texts, numbers and the like are JSON under a contract, not a page. */
function toJSONResult(value: unknown): unknown {
  return typeof value === "object" && value !== null ? value : jsonify(value);
}
