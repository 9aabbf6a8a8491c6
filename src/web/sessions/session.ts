import { InvalidStateError } from "../../asyncio/index.ts";
import { wrongType } from "../../base/refusal.ts";
import { decodeTagged, encodeTagged } from "./tagged-json.ts";

/**
 * The keys of a session and the types of their values. Declare yours once, and `session().get()` knows them:
 *
 *     declare module "pottle/sessions" { interface SessionData { userId: number } }
 */
export interface SessionData {
  [key: string]: unknown;
}

/** @internal The parts that a session is made from. */
export interface SessionSource {
  /** Its tagged JSON; `undefined` for a new one. */
  readonly text: string | undefined;
  /** Why it cannot be changed now; `undefined` if it can. `isSealed`: it has been saved. */
  readonly refusal: (isSealed: boolean) => string | undefined;
}

/** The name under which Python's frameworks keep whether a session is permanent. */
const permanentKey = "_permanent";

/**
 * Values that belong to one browser from request to request, by their names. It is saved right before the response is sent,
 * or a WebSocket is accepted, if it has changed, and a change inside a value counts.
 *
 * A value is text, a finite number, a bigint, a boolean, `null`, a plain object, an array, bytes, a `Date` (of which whole
 * seconds are kept), `html` or a {@link Uuid}. A frozen array is a tuple to Python.
 */
export class Session<T extends object = SessionData> implements Iterable<[key: string, value: unknown]> {
  readonly #values: Map<string, unknown>;
  /** The text that its values had; `undefined` for a new one. */
  readonly #before: string | undefined;
  readonly #refusal: SessionSource["refusal"];
  #isMarked = false;
  #isRegenerated = false;
  #isSealed = false;

  /** @internal Made by `session()`. A text that is not that of an object makes a new session. */
  constructor({ text, refusal }: SessionSource) {
    const read = text === undefined ? undefined : readText(text);
    this.#values = new Map(read?.entries);
    this.#before = read?.text;
    this.#refusal = refusal;
    // `session().user = 1` would be lost in silence.
    Object.preventExtensions(this);
  }

  /** Whether the request came without a valid session. */
  get new(): boolean {
    return this.#before === undefined;
  }

  /** How many values there are. */
  get size(): number {
    return this.#values.size;
  }

  /** Whether it differs from what the request came with. Set it to `true` to have it saved in any case. */
  get modified(): boolean {
    return this.#isMarked || this.#differs();
  }

  /** @throws {InvalidStateError} If the session cannot be changed. */
  set modified(isModified: boolean) {
    this.#requireChangeable();
    this.#isMarked = isModified;
  }

  /** Whether it outlives the browser, for the `lifetime` of the application's sessions. */
  get permanent(): boolean {
    return this.#values.get(permanentKey) === true;
  }

  /** @throws {InvalidStateError} If the session cannot be changed. */
  set permanent(isPermanent: boolean) {
    this.#requireChangeable();
    if (isPermanent) this.#values.set(permanentKey, true);
    else this.#values.delete(permanentKey);
  }

  /** The value of a key; `undefined` if there is none. Its type is the caller's word, as another program may have set it. */
  get<K extends keyof T & string>(key: K): T[K] | undefined {
    return this.#values.get(key) as T[K] | undefined;
  }

  /** Whether there is a value of that key. */
  has(key: keyof T & string): boolean {
    return this.#values.has(key);
  }

  /**
   * Sets a value.
   *
   * @throws {TypeError} If it is a value that a session cannot have.
   * @throws {InvalidStateError} If the session cannot be changed: the application has no secret key, the response has begun,
   *   or the WebSocket was accepted or refused.
   */
  set<K extends keyof T & string>(key: K, value: T[K]): this {
    if (typeof key !== "string") throw wrongType("set a value of a session", "its key must be a string", key);
    this.#requireChangeable();
    encodeTagged(value);
    this.#values.set(key, value);
    return this;
  }

  /** Removes a value. Returns whether there was one. @throws {InvalidStateError} If the session cannot be changed. */
  delete(key: keyof T & string): boolean {
    this.#requireChangeable();
    return this.#values.delete(key);
  }

  /** Removes and returns a value; `undefined` if there is none. @throws {InvalidStateError} If it cannot be changed. */
  pop<K extends keyof T & string>(key: K): T[K] | undefined {
    const value = this.get(key);
    if (this.has(key)) this.delete(key);
    return value;
  }

  /** Removes all values: the browser forgets the session. @throws {InvalidStateError} If it cannot be changed. */
  clear(): void {
    this.#requireChangeable();
    this.#values.clear();
  }

  /**
   * Gives the session of a server-side store another id, and ends the one with the old id: do it when a user logs in, so
   * that an id which was known before is worth nothing. A session in a cookie has no id and is sent anew.
   *
   * @throws {InvalidStateError} If the session cannot be changed.
   */
  regenerate(): void {
    this.#requireChangeable();
    this.#isMarked = this.#isRegenerated = true;
  }

  /** Walks over keys and values. */
  [Symbol.iterator](): MapIterator<[key: string, value: unknown]> {
    return this.#values[Symbol.iterator]();
  }

  /** @internal Whether it is to get another id. */
  get isRegenerated(): boolean {
    return this.#isRegenerated;
  }

  /** @internal Its tagged JSON. No value may be set any more. @throws {TypeError} If a value in it cannot be stored. */
  seal(): string {
    this.#isSealed = true;
    return this.#encode();
  }

  #differs(): boolean {
    return this.#before === undefined ? this.#values.size > 0 : this.#encode() !== this.#before;
  }

  #encode(): string {
    return encodeTagged(Object.fromEntries(this.#values));
  }

  #requireChangeable(): void {
    const reason = this.#refusal(this.#isSealed);
    if (reason !== undefined) throw new InvalidStateError(`Cannot change the session as ${reason}`);
  }
}

/** The values of a text, and the text that they would have here: another program may write 1.0, for 1. */
function readText(text: string): { entries: [string, unknown][]; text: string } | undefined {
  try {
    const value = decodeTagged(text);
    const isRecord = typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
    return isRecord ? { entries: Object.entries(value), text: encodeTagged(value) } : undefined;
  } catch {
    // Signed, but not by what writes sessions: it is not trusted to be one.
    return undefined;
  }
}
