// Converts JavaScript values to parameters. The driver would send `undefined` as NULL, a Map as `{}`, and an invalid
// date as `0NaN-NaN`; such values are refused here.

import { cannot } from "../../base/refusal.ts";
import type { PgConnection, PgParameterDescription, PgSubmittable } from "./driver.ts";
import { QueryArgumentError } from "./errors.ts";

/** The protocol has 16 bits for the number of parameters. */
const mostValues = 65_535;

/** The maximum number of dimensions of an array in PostgreSQL. */
const mostDimensions = 6;

/**
 * @internal Checks the values of a query, and formats its dates.
 *
 * @throws {QueryArgumentError} If `values` is not an array, or one of the values cannot be sent.
 */
export function checkValues(values: readonly unknown[]): readonly unknown[] {
  if (!Array.isArray(values)) refuse("its values must be an array", values);
  if (values.length > mostValues) refuse(`it may have at most ${mostValues} values`, values.length);
  let written: unknown[] | undefined;
  for (let i = 0; i < values.length; i++) {
    const value: unknown = values[i];
    if (typeof value === "string" || typeof value === "number") continue;
    const text = checkValue(value, `$${i + 1}`, 0);
    if (text !== value) (written ??= [...(values as unknown[])])[i] = text;
  }
  return written ?? values;
}

function checkValue(value: unknown, name: string, depth: number): unknown {
  if (value === undefined) refuse(`value ${name} is missing: pass null for NULL`, value);
  if (typeof value === "function" || typeof value === "symbol") refuseKind(value, name);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return checkArray(value, name, depth + 1);
  if (value instanceof Date) return writeDate(value, name);
  if (value instanceof Promise) refuse(`value ${name} is a promise: await it first`, value);
  if (isCollection(value)) refuseKind(value, name);
  return value;
}

function checkArray(array: readonly unknown[], name: string, depth: number): readonly unknown[] {
  if (depth > mostDimensions) refuse(`value ${name} has more than ${mostDimensions} dimensions`, array);
  return Array.from(array, (value, i) => checkValue(value, `${name}[${i}]`, depth));
}

// Collections have no JSON form: they would be sent as `{}`.
function isCollection(value: object): boolean {
  return value instanceof Map || value instanceof Set || value instanceof WeakMap || value instanceof WeakSet;
}

function refuseKind(value: unknown, name: string): never {
  refuse(`value ${name} is nothing that a column can hold`, value);
}

function refuse(reason: string, value: unknown): never {
  throw new QueryArgumentError(cannot("run a query", reason, value));
}

// Formats a date as local time with its offset from UTC: a column with a time zone stores the instant, other columns
// store the local time. Before time zones were introduced, offsets included seconds, which `getTimezoneOffset()` does
// not return.
function writeDate(date: Date, name: string): string {
  if (Number.isNaN(date.getTime())) refuse(`value ${name} is an invalid date`, date);
  const year = date.getFullYear();
  const day = [year < 1 ? 1 - year : year, date.getMonth() + 1, date.getDate()];
  const [y, m, d] = day.map((part, i) => pad(part, i === 0 ? 4 : 2));
  const [h, min, s] = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => pad(part, 2));
  const time = `${h}:${min}:${s}.${pad(date.getMilliseconds(), 3)}`;
  return `${y}-${m}-${d}T${time}${writeOffset(date)}${year < 1 ? " BC" : ""}`;
}

function writeOffset(date: Date): string {
  const local = new Date(0);
  local.setUTCFullYear(date.getFullYear(), date.getMonth(), date.getDate());
  local.setUTCHours(date.getHours(), date.getMinutes(), date.getSeconds(), date.getMilliseconds());
  const seconds = Math.round((local.getTime() - date.getTime()) / 1_000);
  const [h, m, s] = [Math.abs(seconds) / 3_600, (Math.abs(seconds) / 60) % 60, Math.abs(seconds) % 60];
  const minutes = `${pad(Math.floor(h), 2)}:${pad(Math.floor(m), 2)}`;
  return `${seconds < 0 ? "-" : "+"}${minutes}${s === 0 ? "" : `:${pad(s, 2)}`}`;
}

function pad(part: number, digits: number): string {
  return String(part).padStart(digits, "0");
}

// A JavaScript array may be meant as a PostgreSQL array or as a JSON value; the driver always sends it as the first. So
// if a query has an array among its values, the server is asked for the types of the parameters.

/** The OIDs of the types `json` and `jsonb`, which never change. */
const jsonTypes: ReadonlySet<number> = new Set([114, 3802]);

/** @internal Asks the server for the parameter types of a query text. The driver calls its methods. */
export class ParameterTypes implements PgSubmittable {
  readonly callback: (error: Error | undefined, types: readonly number[]) => void;
  readonly #text: string;
  #types: readonly number[] = [];

  constructor(text: string, callback: (error: Error | undefined, types: readonly number[]) => void) {
    this.#text = text;
    this.callback = callback;
  }

  submit(connection: PgConnection): void {
    const listener = ({ dataTypeIDs }: PgParameterDescription): void => {
      this.#types = dataTypeIDs;
    };
    connection.once("parameterDescription", listener);
    connection.once("readyForQuery", () => connection.off("parameterDescription", listener));
    connection.parse({ text: this.#text });
    connection.describe({ type: "S" });
    connection.sync();
  }

  handleError(error: Error): void {
    this.callback(error, []);
  }

  handleReadyForQuery(): void {
    this.callback(undefined, this.#types);
  }

  /** Ignores the columns of the result, because they are described again when the query runs. */
  handleRowDescription(): void {}
}

/** @internal The values, with arrays formatted as JSON if the parameter has a JSON type. */
export function writeJsonArrays(values: readonly unknown[], types: readonly number[]): readonly unknown[] {
  return values.map((value, i) => (Array.isArray(value) && jsonTypes.has(types[i]!) ? JSON.stringify(value) : value));
}
