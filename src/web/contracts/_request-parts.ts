import { RequestValidationError } from "../errors/request-validation-error.ts";
import { BadRequest } from "../errors/statuses.ts";
import type { HttpRequest } from "../message/http-request.ts";

/** Values by names that a client chose: without a prototype, so that `__proto__` is a name like others. */
export type NamedValues = Record<string, unknown>;

/** The arguments of the query. A name that is there several times has an array. */
export function readQuery(request: HttpRequest): NamedValues {
  const values = empty();
  if (request.query !== "") for (const [name, value] of request.args) add(values, name, value);
  return values;
}

/** The headers by lower-case names; those that are there several times are joined by commas. */
export function readHeaders(request: HttpRequest): NamedValues {
  const values = empty();
  for (const [name, value] of request.headers) {
    const key = name.toLowerCase();
    const before = values[key];
    values[key] = typeof before === "string" ? `${before}${key === "cookie" ? "; " : ", "}${value}` : value;
  }
  return values;
}

/** The cookies; of several with one name the first. */
export function readCookies(request: HttpRequest): NamedValues {
  const values = empty();
  for (const [name, value] of request.cookies) values[name] ??= value;
  return values;
}

/**
 * The body, which is JSON; `undefined` if there is none.
 *
 * @throws {UnsupportedMediaType} If it is something else.
 * @throws {RequestValidationError} If it is malformed.
 */
export async function readBody(request: HttpRequest): Promise<unknown> {
  if (!request.headers.has("content-type") && (await request.bytes()).byteLength === 0) return undefined;
  try {
    return await request.json();
  } catch (error) {
    if (!(error instanceof BadRequest)) throw error;
    throw new RequestValidationError([{ in: "body", path: [], message: error.description }], { cause: error });
  }
}

/**
 * The fields and files of the form.
 *
 * @throws The errors of `request.form()`.
 */
export async function readFormParts(request: HttpRequest): Promise<NamedValues> {
  const { fields, files } = await request.form();
  const values = empty();
  for (const [name, value] of fields) add(values, name, value);
  for (const file of files) add(values, file.name, file);
  return values;
}

function empty(): NamedValues {
  return { __proto__: null };
}

function add(values: NamedValues, name: string, value: unknown): void {
  const before = values[name];
  if (before === undefined) values[name] = value;
  else if (Array.isArray(before)) before.push(value);
  else values[name] = [before, value];
}
