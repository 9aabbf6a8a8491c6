import { wrongType } from "../../base/refusal.ts";
import { showKind } from "../../base/show.ts";
import { SetupError } from "../errors/setup-error.ts";
import type { ContractPart, ResponseSchemas, RouteContract, Schema } from "../routing/contract.ts";

/** The parts of a request that a contract may have a schema for. */
export const contractParts: readonly ContractPart[] = ["params", "query", "headers", "cookies", "body", "form"];

/** Whether the options of a route have a contract. */
export function hasContract(options: RouteContract): boolean {
  return options.response !== undefined || contractParts.some((part) => options[part] !== undefined);
}

/** Whether a value is a schema. */
export function isSchema(value: unknown): value is Schema {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  const standard = (value as Partial<Schema>)["~standard"];
  return typeof standard?.validate === "function";
}

/** The schemas of responses by their status. */
export function responseSchemas({ response }: RouteContract): ResponseSchemas | undefined {
  return isSchema(response) ? { 200: response } : response;
}

/**
 * Checks the contract of a route.
 *
 * @throws {TypeError} If a schema is not one of Standard Schema.
 * @throws {SetupError} If there are two schemas for the body, or one for a method without a body.
 */
export function checkContract(path: string, methods: readonly string[], options: RouteContract): void {
  for (const part of contractParts) {
    if (options[part] !== undefined) requireSchema(path, part, options[part]);
  }
  const schemas: unknown = responseSchemas(options) ?? {};
  if (typeof schemas !== "object") throw notSchema(path, "response", schemas);
  for (const [status, schema] of Object.entries(schemas as ResponseSchemas)) {
    if (!/^[2-5]\d\d$/.test(status))
      throw new SetupError(`Cannot route '${path}' as 'response' has no status '${status}'`);
    if (schema !== null) requireSchema(path, `response.${status}`, schema);
  }
  const { responseMode = "check", body, form } = options;
  if (responseMode !== "check" && responseMode !== "parse") {
    throw wrongType(`route '${path}'`, "'responseMode' must be 'check' or 'parse'", responseMode);
  }
  if (body === undefined && form === undefined) return;
  if (body !== undefined && form !== undefined) {
    throw new SetupError(`Cannot route '${path}' as a request has one body: it has a schema for 'body' and for 'form'`);
  }
  if (methods.every((method) => method === "GET" || method === "HEAD")) {
    throw new SetupError(`Cannot route '${path}' as a request of ${methods.join(" and ")} has no body to validate`);
  }
}

function requireSchema(path: string, name: string, value: unknown): void {
  if (!isSchema(value)) throw notSchema(path, name, value);
}

function notSchema(path: string, name: string, value: unknown): TypeError {
  return wrongType(`route '${path}'`, `'${name}' must be a schema of Standard Schema`, value, showKind);
}
