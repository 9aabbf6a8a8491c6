import { isThenable } from "../../base/is-thenable.ts";
import { SetupError } from "../errors/setup-error.ts";
import { type RequestIssue, RequestValidationError } from "../errors/request-validation-error.ts";
import type { HttpRequest } from "../message/http-request.ts";
import type { ContractPart, RouteContract, Schema } from "../routing/contract.ts";
import { type CheckingApp, ResponseChecker } from "./_response-checker.ts";
import { callSchema, type Outcome, toIssues } from "./_call-schema.ts";
import { callSchemaWithLists } from "./_lists-of-one.ts";
import { type NamedValues, readBody, readCookies, readFormParts, readHeaders, readQuery } from "./_request-parts.ts";
import { checkContract, contractParts } from "./check-contract.ts";

type AnyView = (args: never, request: HttpRequest) => unknown;

/** A part of the head of a request, and how it is validated. */
interface HeadPart {
  readonly name: ContractPart;
  readonly validate: (args: NamedValues, request: HttpRequest) => Outcome | Promise<Outcome>;
}

/** The route that a contract belongs to. */
interface ContractedRoute {
  readonly path: string;
  readonly methods: readonly string[];
  readonly options: RouteContract;
  readonly view: AnyView;
  /** The names of the parameters of the path. */
  readonly names: readonly string[];
}

/**
 * Makes the function that validates a request by the contract of its route, calls the view, and checks its result. What is
 * asked for is fixed here, so that a request costs an object for the values and what the schemas make.
 *
 * @throws {TypeError} If a schema is not one of Standard Schema.
 * @throws {SetupError} If the contract contradicts itself, or has a name of the path.
 */
export function withContract(route: ContractedRoute, app: CheckingApp): AnyView {
  const { path, methods, options, view, names } = route;
  checkContract(path, methods, options);
  const taken = contractParts.find((part) => options[part] !== undefined && names.includes(part));
  if (taken !== undefined) {
    throw new SetupError(
      `Cannot route '${path}' as its contract has a part '${taken}', which a parameter of the path is called`,
    );
  }
  const validated = validator(options);
  const call = (values: NamedValues, request: HttpRequest): unknown => view(values as never, request);
  const answer = options.response === undefined ? call : checked(call, new ResponseChecker(path, options, app));
  return (args: NamedValues, request: HttpRequest) => {
    const values = validated(args, request);
    return isThenable(values) ? values.then((all: NamedValues) => answer(all, request)) : answer(values, request);
  };
}

type Call = (values: NamedValues, request: HttpRequest) => unknown;

function checked(call: Call, checker: ResponseChecker): Call {
  return (values, request) => {
    const result = call(values, request);
    return isThenable(result) ? result.then((value: unknown) => checker.finish(value)) : checker.finish(result);
  };
}

/** Makes the function that validates a request: the head first, then the body, which is not read if the head is wrong. */
function validator(
  options: RouteContract,
): (args: NamedValues, request: HttpRequest) => NamedValues | Promise<NamedValues> {
  const head = headParts(options);
  const { body, form } = options;
  return (args, request) => {
    const values = { ...args };
    const pending = validateHead(head, args, request, values);
    if (pending === undefined && body === undefined && form === undefined) return values;
    return finishValidation(pending, options, request, values);
  };
}

async function finishValidation(
  pending: Promise<void> | undefined,
  { body, form }: RouteContract,
  request: HttpRequest,
  values: NamedValues,
): Promise<NamedValues> {
  if (pending !== undefined) await pending;
  if (body !== undefined) {
    values["body"] = accept("body", await callSchema(body, await readBody(request), "body"));
  }
  if (form !== undefined) {
    values["form"] = accept("form", await callSchemaWithLists(form, await readFormParts(request), "form"));
  }
  return values;
}

/** The value of a part. */
function accept(part: ContractPart, outcome: Outcome): unknown {
  if (outcome.issues === undefined) return outcome.value;
  throw new RequestValidationError(toIssues(part, outcome.issues));
}

/** Validates the parts of the head into `values`, and throws the issues of all of them. Only async schemas give a promise. */
function validateHead(
  head: readonly HeadPart[],
  args: NamedValues,
  request: HttpRequest,
  values: NamedValues,
): Promise<void> | undefined {
  let issues: RequestIssue[] | undefined;
  for (const part of head) {
    const outcome = part.validate(args, request);
    if (isThenable(outcome))
      return validateRest(head.slice(head.indexOf(part)), outcome, { args, request, values, issues });
    issues = note(part.name, outcome, values, issues);
  }
  if (issues !== undefined) throw new RequestValidationError(issues);
  return undefined;
}

interface HeadState {
  readonly args: NamedValues;
  readonly request: HttpRequest;
  readonly values: NamedValues;
  readonly issues: RequestIssue[] | undefined;
}

async function validateRest(rest: readonly HeadPart[], first: PromiseLike<Outcome>, state: HeadState): Promise<void> {
  const { args, request, values } = state;
  let { issues } = state;
  for (const [index, part] of rest.entries()) {
    const outcome = await (index === 0 ? first : part.validate(args, request));
    issues = note(part.name, outcome, values, issues);
  }
  if (issues !== undefined) throw new RequestValidationError(issues);
}

function note(
  name: ContractPart,
  outcome: Outcome,
  values: NamedValues,
  issues: RequestIssue[] | undefined,
): RequestIssue[] | undefined {
  if (outcome.issues !== undefined) return [...(issues ?? []), ...toIssues(name, outcome.issues)];
  values[name] = outcome.value;
  return issues;
}

function headParts({ params, query, headers, cookies }: RouteContract): HeadPart[] {
  const found: HeadPart[] = [];
  const add = (
    name: ContractPart,
    schema: Schema | undefined,
    validate: (schema: Schema) => HeadPart["validate"],
  ): void => {
    if (schema !== undefined) found.push({ name, validate: validate(schema) });
  };
  add("params", params, (schema) => (args) => callSchema(schema, { ...args }, "params"));
  add("query", query, (schema) => (_, request) => callSchemaWithLists(schema, readQuery(request), "query"));
  add("headers", headers, (schema) => (_, request) => callSchema(schema, readHeaders(request), "headers"));
  add("cookies", cookies, (schema) => (_, request) => callSchema(schema, readCookies(request), "cookies"));
  return found;
}
