// Refuses values that BSON has no type for. The driver drops or changes them silently: it omits functions and Sets,
// sends null for `undefined`, and 1970 for an invalid date. A filter would then match other documents than the caller
// meant: `{ owner: undefined }` matches every document without an owner. So each value is checked before a command is
// sent.

import { outOfRange, wrongType } from "../../base/refusal.ts";
import { show, showKind } from "../../base/show.ts";

/** @internal The checked argument, as messages name it. */
export interface Checked {
  /** The action that a bad value prevents: `delete from shop.fruits`. */
  readonly action: string;
  /** The argument: `the filter`. */
  readonly part: string;
  /** Whether a field of an object may be `undefined`; such a field is omitted. @default false */
  readonly mayLackFields?: boolean;
}

/** A value that cannot be sent. Its path is collected from the last name to the first. */
interface Fault {
  readonly path: string[];
  readonly value: unknown;
  readonly rule: string;
  readonly isRange?: boolean;
}

// MongoDB refuses documents that are nested deeper.
const deepest = 100;
const hasNoType = "must be a value that BSON has a type for";
const tooDeep = `more than ${deepest} levels deep`;

const fits64Bits = (value: bigint): boolean => BigInt.asIntN(64, value) === value;

/**
 * @internal Refuses a value that MongoDB would receive changed.
 *
 * @throws {TypeError} If it contains itself, or a value that BSON has no type for, such as `undefined`.
 * @throws {RangeError} If it has an invalid date or an integer beyond 64 bits, or is nested deeper than 100 levels.
 */
export function checkValues(checked: Checked, value: unknown): void {
  const fault = faultOf(value, 0, checked.mayLackFields === true);
  if (fault !== undefined) throw explain(checked, value, fault);
}

/**
 * @internal Checks that a value is an object with fields of its own, and not an array, bytes, a date or another object
 * with a special meaning.
 *
 * @throws {TypeError} If it is not.
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

/** Checks what `toBSON()` returns. The driver stores it in place of the object, and does not call `toBSON()` of it. */
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

// By index, because a missing item of a sparse array is `undefined`.
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
/** Whether a value is a plain object, as most objects are. A plain object needs no other check of its kind. */
function isPlain(value: object): boolean {
  return Object.getPrototypeOf(value) === Object.prototype && !("toBSON" in value) && !("_bsontype" in value);
}

function isScalar(value: object): boolean {
  return value instanceof Date || value instanceof RegExp || value instanceof Uint8Array || "_bsontype" in value;
}

/** Whether an object consists of its fields. A Set, a promise and an object with only private fields have none. */
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

// A date is shown. Of all other objects only the kind is shown, because they may contain a user's data.
function shown(value: unknown): string {
  return value instanceof Date ? show(value) : showKind(value);
}

/** The path to the first object that contains itself; `undefined` if there is none. */
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
