import { isThenable } from "../../base/is-thenable.ts";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { callExceptionHandler, isCancelled, waitPromise } from "../../asyncio/index.ts";
import type { RequestIssue } from "../errors/request-validation-error.ts";
import { HTTPError } from "../errors/http-error.ts";
import { ResponseThrown } from "../message/abort.ts";
import type { Schema } from "../routing/contract.ts";

/** The result of a schema. */
export type Outcome = StandardSchemaV1.Result<unknown>;

/**
 * Has a schema validate a value. A schema that throws is reported, and counts as one that refuses the value: a client must
 * not be able to cause a 500 by what it sends. An async schema is awaited in a wait that can be cancelled.
 *
 * @param name The part of the request, for messages.
 * @throws {HTTPError} If the schema throws one, as by `abort()`.
 * @throws {CancelledError} If the task is cancelled meanwhile.
 */
export function callSchema(schema: Schema, value: unknown, name: string): Outcome | Promise<Outcome> {
  try {
    const outcome = schema["~standard"].validate(value);
    return isThenable(outcome) ? settle(outcome, name) : checkOutcome(outcome);
  } catch (error) {
    return refuse(error, name);
  }
}

async function settle(pending: PromiseLike<Outcome>, name: string): Promise<Outcome> {
  try {
    return checkOutcome(await waitPromise(pending, { name: `the schema of '${name}'` }));
  } catch (error) {
    return refuse(error, name);
  }
}

function checkOutcome(outcome: Outcome): Outcome {
  if (typeof outcome === "object" && outcome !== null) return outcome;
  throw new TypeError("Cannot use the schema as it returned neither a value nor issues");
}

function refuse(error: unknown, name: string): Outcome {
  if (isCancelled(error) || error instanceof HTTPError || error instanceof ResponseThrown) throw error;
  callExceptionHandler({ message: `The schema of '${name}' failed`, error });
  return { issues: [{ message: "It cannot be checked" }] };
}

/** The issues of a schema as those of a part of a request. */
export function toIssues(part: string, issues: readonly StandardSchemaV1.Issue[]): RequestIssue[] {
  return issues.map(({ path = [], message }) => ({
    in: part,
    path: Array.from(path, (step) => toStep(typeof step === "object" && step !== null ? step.key : step)),
    message,
  }));
}

function toStep(key: PropertyKey): string | number {
  return typeof key === "number" ? key : String(key);
}
