// Hashes of passwords in Werkzeug's format, so that a table of users moves from Flask as it is:
//
//   scrypt:32768:8:1$Rtq2ZsyBkfVcmnYT$101b3002…      pbkdf2:sha256:600000$salt$6e8453…
//   method, parameters       salt     hash
//
// A hash costs tens of milliseconds of one of the platform's worker threads, which file access and DNS need as well. So two
// are made at a time, and the others wait in line: a request that ends there costs nothing.

import { pbkdf2, randomBytes, randomInt, scrypt, timingSafeEqual } from "node:crypto";
import { ambient, type CancelledError, outside, park, type Park, Semaphore } from "../../asyncio/index.ts";
import { option } from "../../base/options.ts";
import { outOfRange, wrongType } from "../../base/refusal.ts";

const saltCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const defaultMethod = "scrypt:32768:8:1";
const defaultIterations = 1_000_000;
const keyLength = 64;

/** The most memory that checking a hash may take, in bytes. */
const mostMemory = 2 ** 30;
const mostIterations = 100_000_000;
const digestLengths: Readonly<Record<string, number>> = { sha1: 20, sha224: 28, sha256: 32, sha384: 48, sha512: 64 };

const line = ambient("web.passwords", () => new Semaphore(2, { name: "password hashing" }));

/** Options of {@link generatePasswordHash}. */
export interface PasswordHashOptions {
  /**
   * How the password is hashed: `scrypt`, `scrypt:n:r:p`, `pbkdf2:digest` or `pbkdf2:digest:iterations`; `pbkdf2` without
   * a number has 1,000,000 iterations. @default "scrypt:32768:8:1"
   */
  readonly method?: string;
  /** The length of the salt, in characters; from 8 to 1,024. @default 16 */
  readonly saltLength?: number;
}

/**
 * Hashes a password for a table of users, in Werkzeug's format. It runs in a worker thread of the platform, two at a time.
 *
 * @throws {TypeError} If `password` or an option has a wrong type.
 * @throws {RangeError} If `method` is not known, has too small or too large parameters, or `saltLength` is out of range.
 * @throws {CancelledError} If the task is cancelled meanwhile.
 * @example
 * const hash = await generatePasswordHash("correct horse", { method: "scrypt:1024:8:1" });
 * console.log(await checkPasswordHash(hash, "correct horse")); // true
 * @see https://werkzeug.palletsprojects.com/en/stable/utils/#werkzeug.security.generate_password_hash
 */
export async function generatePasswordHash(password: string, options: PasswordHashOptions = {}): Promise<string> {
  const action = "hash a password";
  requirePassword(action, password);
  const saltLength = option(action, "saltLength", options.saltLength ?? 16).count({ from: 8, to: 1_024 });
  const method = readMethod(action, options.method ?? defaultMethod);
  const salt = Array.from({ length: saltLength }, () => saltCharacters[randomInt(saltCharacters.length)]).join("");
  const key = await derive(method, password, salt);
  return `${method.text}$${salt}$${key.toString("hex")}`;
}

/**
 * Whether `password` is the one that `hash` was made of; compares in constant time. Without a hash, as for a user that does
 * not exist, it takes as long as with one and gives `false`, so that the time does not tell who has an account.
 *
 * A text that is not a hash at all, such as `!`, matches no password.
 *
 * @param hash - What {@link generatePasswordHash} or Werkzeug has made: `scrypt` or `pbkdf2`.
 * @throws {TypeError} If `password` is not a string, or `hash` neither a string nor `undefined` or `null`.
 * @throws {RangeError} If the method of the hash is not known, or would take more than 1 GiB of memory.
 * @throws {CancelledError} If the task is cancelled meanwhile.
 * @example
 * const user = { password: await generatePasswordHash("correct horse", { method: "scrypt:1024:8:1" }) };
 * console.log(await checkPasswordHash(user.password, "wrong horse")); // false
 * @see https://werkzeug.palletsprojects.com/en/stable/utils/#werkzeug.security.check_password_hash
 */
export async function checkPasswordHash(hash: string | null | undefined, password: string): Promise<boolean> {
  const action = "check a password";
  requirePassword(action, password);
  const parts = hash === null || hash === undefined ? undefined : splitHash(action, hash);
  if (parts === undefined) {
    await derive(readMethod(action, defaultMethod), password, randomBytes(8).toString("hex"));
    return false;
  }
  const wanted = Buffer.from(parts.key, "hex");
  const found = await derive(readMethod(action, parts.method), password, parts.salt);
  return wanted.length === found.length && timingSafeEqual(wanted, found);
}

/**
 * Whether `hash` was made by another method than a new one would be: after a successful login, make it anew and store it.
 *
 * @param options - Those that {@link generatePasswordHash} is called with.
 * @throws {TypeError} If `hash` or an option has a wrong type.
 * @throws {RangeError} If `method` is not known.
 * @example
 * console.log(needsRehash("pbkdf2:sha256:600000$salt$6e8453")); // true
 */
export function needsRehash(hash: string, options: PasswordHashOptions = {}): boolean {
  const action = "look at a hash of a password";
  const parts = splitHash(action, hash);
  return parts?.method !== readMethod(action, options.method ?? defaultMethod).text;
}

// It is never shown.
function requirePassword(action: string, password: unknown): void {
  if (typeof password !== "string") throw wrongType(action, "the password must be a string", typeof password);
}

interface HashParts {
  readonly method: string;
  readonly salt: string;
  readonly key: string;
}

// The salt may have a dollar sign in it: what Werkzeug reads as the hash is then no hash, and matches no password.
function splitHash(action: string, hash: unknown): HashParts | undefined {
  if (typeof hash !== "string") throw wrongType(action, "the hash must be a string", typeof hash);
  const [method = "", salt, ...rest] = hash.split("$");
  return salt === undefined || rest.length === 0 ? undefined : { method, salt, key: rest.join("$") };
}

interface Method {
  /** Its name with all parameters. */
  readonly text: string;
  /** Begins to derive a key. */
  readonly start: (password: string, salt: string, done: (error: Error | null, key: Buffer) => void) => void;
}

function readMethod(action: string, text: unknown): Method {
  if (typeof text !== "string") throw wrongType(action, "'method' must be a string", text);
  const [name, ...parameters] = text.split(":");
  const method = name === "scrypt" ? readScrypt(parameters) : name === "pbkdf2" ? readPbkdf2(parameters) : undefined;
  if (method !== undefined) return method;
  throw outOfRange(action, "the method must be scrypt or pbkdf2, with parameters in their range", text.slice(0, 100));
}

function readScrypt(parameters: readonly string[]): Method | undefined {
  const [n, r, p] = (parameters.length === 0 ? defaultMethod.split(":").slice(1) : parameters).map(readCount);
  if (n === undefined || r === undefined || p === undefined || parameters.length > 3) return undefined;
  const maxmem = 132 * n * r * p;
  if (n < 2 || !Number.isInteger(Math.log2(n)) || r < 1 || p < 1 || maxmem > mostMemory) return undefined;
  return {
    text: `scrypt:${n}:${r}:${p}`,
    start: (password, salt, done) => scrypt(password, salt, keyLength, { N: n, r, p, maxmem }, done),
  };
}

function readPbkdf2(parameters: readonly string[]): Method | undefined {
  const [digest = "sha256", count = String(defaultIterations), ...more] = parameters;
  const iterations = readCount(count);
  const length = Object.hasOwn(digestLengths, digest) ? digestLengths[digest] : undefined;
  if (iterations === undefined || iterations < 1 || iterations > mostIterations) return undefined;
  if (length === undefined || more.length > 0) return undefined;
  return {
    text: `pbkdf2:${digest}:${iterations}`,
    start: (password, salt, done) => pbkdf2(password, salt, iterations, length, digest, done),
  };
}

function readCount(text: string): number | undefined {
  return /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

// A hash that has begun cannot be stopped: a caller that is cancelled waits for it, so that never more than two are made.
async function derive(method: Method, password: string, salt: string): Promise<Buffer> {
  return await line.with(() => {
    let cancelled: CancelledError | undefined;
    const start = (wait: Park<Buffer>): void => {
      const done = (error: Error | null, key: Buffer): void => {
        const failure = cancelled ?? error;
        if (failure === null) wait.wake(key);
        else wait.fail(failure);
      };
      outside(() => method.start(password, salt, done));
    };
    const onCancel = (error: CancelledError): void => {
      cancelled = error;
    };
    return park<Buffer>({ kind: "password hashing", name: method.text }, start, { onCancel });
  });
}
