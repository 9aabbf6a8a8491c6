import type { StandardSchemaV1 } from "@standard-schema/spec";
import { noop } from "../../base/noop.ts";
import { wrongType } from "../../base/refusal.ts";
import { ConfigError } from "./config-error.ts";
import { freeze, getOwn, isTable, type Table } from "./own-properties.ts";

/** A schema of zod, valibot, arktype or another library of Standard Schema. */
export type ConfigSchema<Output = unknown> = StandardSchemaV1<unknown, Output>;

const maxIssues = 20;
// Messages of schemas may show the value.
const secret = /secret|token|pass|key|credential|auth|cookie|session|salt|url|uri|dsn|private/i;

/**
 * Checks values by a schema. What it gives is frozen, down to the values that are neither tables nor lists.
 *
 * @throws {ConfigError} If a value is missing or not as the schema demands, or the schema is asynchronous.
 * @throws {TypeError} If it is not a schema.
 */
export function parseConfig<Output>(values: Table, schema: ConfigSchema<Output>): Readonly<Output> {
  const validate = (schema as Partial<ConfigSchema<Output>> | undefined)?.["~standard"]?.validate;
  if (typeof validate !== "function") throw wrongType("parse the configuration", "'schema' must be a schema", schema);
  const result = validate(values);
  if (result instanceof Promise) {
    result.catch(noop);
    throw new ConfigError("Cannot parse the configuration as the schema is asynchronous: leave its async checks out");
  }
  if (result.issues === undefined) return freeze(result.value);
  throw new ConfigError(`Cannot use the configuration:\n${describeIssues(result.issues, values)}`);
}

function describeIssues(issues: readonly StandardSchemaV1.Issue[], values: Table): string {
  const lines = issues.slice(0, maxIssues).map((issue) => `  ${describeIssue(issue, values)}`);
  if (issues.length > maxIssues) lines.push(`  and ${issues.length - maxIssues} more`);
  return lines.join("\n");
}

function describeIssue({ path = [], message }: StandardSchemaV1.Issue, values: Table): string {
  const keys = path.map((part) => (typeof part === "object" ? part.key : part)).map(String);
  const name = keys.join(".");
  if (keys.length > 0 && valueAt(values, keys) === undefined) return `${name}: it is missing`;
  if (keys.some((key) => secret.test(key))) return `${name}: it is not valid; its value is not shown`;
  return name === "" ? message : `${name}: ${message}`;
}

function valueAt(values: Table, keys: readonly string[]): unknown {
  let value: unknown = values;
  for (const key of keys) value = isTable(value) || Array.isArray(value) ? getOwn(value as Table, key) : undefined;
  return value;
}
