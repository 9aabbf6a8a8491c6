// What BSON has no type for, the driver drops or changes without a word: a function and a Set become nothing, `undefined`
// becomes null, an invalid date 1970. In a filter that means other documents than were meant: `{ owner: undefined }` fits
// every document without an owner. So each value is looked at before anything is sent.

import { outOfRange, wrongType } from "../../base/refusal.ts";
import { show, showKind } from "../../base/show.ts";

/** @internal What is checked, as messages name it. */
export interface Checked {
  /** What cannot be done with a bad value: `delete from shop.fruits`. */
  readonly action: string;
  /** Which argument it is: `the filter`. */
  readonly part: string;
  /** Whether a field of an object may be `undefined`: it is left out then. @default false */
  readonly mayLackFields?: boolean;
}

/** A value that cannot be sent. Its path is gathered on the way back up, from the last name to the first. */
interface Fault {
  readonly path: string[];
  readonly value: unknown;
  readonly rule: string;
  readonly isRange?: boolean;
}

// MongoDB takes no document that is nested deeper.
const deepest = 100;
const hasNoType = "must be a value that BSON has a type for";
const tooDeep = `more than ${deepest} levels deep`;

const fits64Bits = (value: bigint): boolean => BigInt.asIntN(64, value) === value;

/**
 * @internal Refuses a value in which MongoDB would get something else than what is written.
 *
 * @throws {TypeError} If it has a value that BSON has no type for, such as `undefined`, or contains itself.
 * @throws {RangeError} If it has an invalid date or an integer beyond 64 bits, or is nested deeper than 100 levels.
 */
export function checkValues(checked: Checked, value: unknown): void {
  const fault = faultOf(value, 0, checked.mayLackFields === true);
  if (fault !== undefined) throw explain(checked, value, fault);
}

/**
 * @internal Checks that a value can be a document at all: an object with fields of its own, not a list, bytes, a date or
 * anything else that has another meaning.
 *
 * @throws {TypeError} If it cannot.
 */
export function requireDocument(action: string, value: unknown): asserts value is Record<string, unknown> {
  if (typeof value === "object" && value !== null && isPlain(value)) return;
  const isDocument =
    typeof value === "object" && value !== null && !Array.isArray(value) && !isScalar(value) && isStorable(value);
  if (!isDocument) throw wrongType(action, "an object is needed", value, showKind);
}

function faultOf(value: unknown, depth: number, mayLackFields: boolean): Fault | undefined {
  if (typeof value === "object") return value === null ? undefined : faultOfObject(value, depth, mayLackFields);
  if (value === undefined) return { path: [], value, rule: "must have a value, such as null" };
  if (typeof value === "bigint" && !fits64Bits(value)) {
    return { path: [], value, rule: "must fit into 64 bits", isRange: true };
  }
  const isUnknown = typeof value === "function" || typeof value === "symbol";
  return isUnknown ? { path: [], value, rule: hasNoType } : undefined;
}

function faultOfObject(value: object, depth: number, mayLackFields: boolean): Fault | undefined {
  if (depth > deepest) return { path: [], value, rule: tooDeep, isRange: true };
  if (Array.isArray(value)) return faultOfItems(value, depth, mayLackFields);
  if (isPlain(value)) return faultOfFields(value as Record<string, unknown>, depth, mayLackFields);
  if (isScalar(value)) return faultOfScalar(value);
  if ("toBSON" in value && typeof value.toBSON === "function") return faultOfMade(value, depth, mayLackFields);
  if (!isStorable(value)) return { path: [], value, rule: hasNoType };
  return faultOfFields(value as Record<string, unknown>, depth, mayLackFields);
}

/** What an object makes of itself is stored in its place, without being asked again. */
function faultOfMade(value: object, depth: number, mayLackFields: boolean): Fault | undefined {
  const made = (value as { toBSON(): unknown }).toBSON();
  if (typeof made !== "object" || made === null || Array.isArray(made)) return faultOf(made, depth, mayLackFields);
  if (isScalar(made)) return faultOfScalar(made);
  if (made !== value && !isStorable(made)) return { path: [], value: made, rule: hasNoType };
  return faultOfFields(made as Record<string, unknown>, depth, mayLackFields);
}

function faultOfScalar(value: object): Fault | undefined {
  if (!(value instanceof Date) || !Number.isNaN(value.getTime())) return undefined;
  return { path: [], value, rule: "must be a date that there is", isRange: true };
}

// By index: what is missing in a sparse array is `undefined`.
function faultOfItems(items: readonly unknown[], depth: number, mayLackFields: boolean): Fault | undefined {
  for (let index = 0; index < items.length; index++) {
    const fault = faultOf(items[index], depth + 1, mayLackFields);
    if (fault !== undefined) return under(String(index), fault);
  }
  return undefined;
}

function faultOfFields(fields: Readonly<Record<string, unknown>>, depth: number, mayLack: boolean): Fault | undefined {
  for (const name of Object.keys(fields)) {
    const value = fields[name];
    if (value === undefined && mayLack) continue;
    const fault = faultOf(value, depth + 1, mayLack);
    if (fault !== undefined) return under(name, fault);
  }
  return undefined;
}

function under(name: string, fault: Fault): Fault {
  fault.path.push(name);
  return fault;
}

/** Whether BSON has a type of its own for an object, so that its fields are not looked at. */
/** Whether it is an object literal, as most objects are: nothing else has to be found out about it. */
function isPlain(value: object): boolean {
  return Object.getPrototypeOf(value) === Object.prototype && !("toBSON" in value) && !("_bsontype" in value);
}

function isScalar(value: object): boolean {
  return value instanceof Date || value instanceof RegExp || value instanceof Uint8Array || "_bsontype" in value;
}

/** Whether the fields of an object say all that it is: a Set, a promise, an object with private fields have none. */
function isStorable(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === null || Object.getPrototypeOf(prototype) === null) return true;
  if (value instanceof Error || ArrayBuffer.isView(value)) return false;
  return Object.keys(value).length > 0;
}

function explain({ action, part }: Checked, root: unknown, { path, value, rule, isRange }: Fault): Error {
  const circle = rule === tooDeep ? circleOf(root) : undefined;
  if (circle !== undefined) return new TypeError(`Cannot ${action} as '${circle}' of ${part} contains itself`);
  if (rule === tooDeep) return new RangeError(`Cannot ${action} as ${part} is nested ${tooDeep}`);
  const refuse = isRange === true ? outOfRange : wrongType;
  const where = path.length === 0 ? part : `'${path.toReversed().join(".")}' of ${part}`;
  return refuse(action, `${where} ${rule}`, value, shown);
}

// A date shows what is wrong with it; of all other objects the kind says it, without a user's data.
function shown(value: unknown): string {
  return value instanceof Date ? show(value) : showKind(value);
}

/** The path to the first object that stands within itself; `undefined` if there is none. */
function circleOf(root: unknown): string | undefined {
  const around = new Set<unknown>();
  const done = new Set<unknown>();
  const find = (value: unknown, path: readonly string[]): string | undefined => {
    if (typeof value !== "object" || value === null || done.has(value)) return undefined;
    if (around.has(value)) return path.join(".");
    if (path.length > 2 * deepest) return undefined;
    around.add(value);
    for (const [name, inner] of Object.entries(value)) {
      const found = find(inner, [...path, name]);
      if (found !== undefined) return found;
    }
    around.delete(value);
    done.add(value);
    return undefined;
  };
  return find(root, []);
}
