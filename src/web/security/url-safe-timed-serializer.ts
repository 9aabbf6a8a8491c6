// Signed texts in itsdangerous' format, to the byte, so that Python and we can read each other's:
//
//   eyJ1IjoxfQ . ZVPxAA . CIcLLy6XKlzp7BTRQ02AEzCSTezI7HhSRgDZr4zi4_8
//   payload      time     signature of what stands before it, with the dot between
//
// The payload is JSON, base64url; with a dot before it, it was compressed by zlib. The time is in seconds, as a big-endian
// number, base64url. The key of the signature is derived of the secret key and the salt.

import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { deflateSync, inflateSync } from "node:zlib";
import { option } from "../../base/options.ts";
import { cannot, outOfRange, wrongType } from "../../base/refusal.ts";
import { BadPayload, BadSignature, SignatureExpired } from "./signature-errors.ts";

/** How a key is derived of the secret key and the salt, by itsdangerous' names. */
export type KeyDerivation = "django-concat" | "concat" | "hmac" | "none";

/** Options of {@link URLSafeTimedSerializer}. */
export interface URLSafeTimedSerializerOptions {
  /** Keeps purposes apart: what was signed for one salt cannot be read by another. It is not a secret. @default "itsdangerous" */
  readonly salt?: string;
  /** The digest of the signature; itsdangerous' own default is `sha1`. @default "sha256" */
  readonly digest?: "sha1" | "sha256" | "sha384" | "sha512";
  /** @default "django-concat" */
  readonly keyDerivation?: KeyDerivation;
  /** Turns a value into text, and text into a value. @default JSON */
  readonly serializer?: TextSerializer;
}

/** Turns a value into text, and text into a value: what `JSON` does, with names of Python. */
export interface TextSerializer {
  /** The text of a value; `undefined` if there is none. */
  dumps(value: unknown): string | undefined;
  /** The value of a text. An error that it throws becomes the cause of a `BadPayload`. */
  loads(text: string): unknown;
}

/** Options of {@link URLSafeTimedSerializer.loads}. */
export interface LoadOptions {
  /** How long ago it may have been signed, in milliseconds. @default Infinity */
  readonly maxAge?: number;
}

const jsonSerializer: TextSerializer = { dumps: JSON.stringify, loads: (text) => JSON.parse(text) as unknown };
const action = "make a serializer";
const derivations: readonly KeyDerivation[] = ["django-concat", "concat", "hmac", "none"];

/** The most bytes that a payload may have when it is decompressed. */
const mostBytes = 2 ** 24;

/**
 * Signs values as short texts for URLs and cookies, and reads them again: for links that confirm an address or reset a
 * password, without a table of them. What is signed can be read by anyone, and changed by none.
 *
 * @example
 * const links = new URLSafeTimedSerializer("a long random secret", { salt: "reset" });
 * const token = links.dumps({ user: 7 });
 * console.log(links.loads(token, { maxAge: 3_600_000 })); // { user: 7 }
 * @see https://itsdangerous.palletsprojects.com/en/stable/url_safe/
 */
export class URLSafeTimedSerializer {
  readonly #digest: string;
  // Of the oldest secret key first.
  readonly #keys: readonly Buffer[];
  readonly #serializer: TextSerializer;

  /**
   * @param secretKeys - The secret key, or several, the newest last: that one signs, all of them can read.
   * @throws {TypeError} If a key or an option has a wrong type.
   * @throws {RangeError} If there is no key, one is empty, or an option has another value than those above.
   */
  constructor(
    secretKeys: string | Uint8Array | readonly (string | Uint8Array)[],
    options: URLSafeTimedSerializerOptions = {},
  ) {
    const salt: unknown = options.salt ?? "itsdangerous";
    if (typeof salt !== "string") throw wrongType(action, "'salt' must be a string", salt);
    this.#digest = option(action, "digest", options.digest ?? "sha256").oneOf(["sha1", "sha256", "sha384", "sha512"]);
    const derivation = option(action, "keyDerivation", options.keyDerivation ?? "django-concat").oneOf(derivations);
    this.#serializer = options.serializer ?? jsonSerializer;
    const secrets = Array.isArray(secretKeys) ? secretKeys : [secretKeys];
    if (secrets.length === 0) throw outOfRange(action, "there must be a secret key", secretKeys);
    this.#keys = secrets.map((secret) => deriveKey(requireSecret(secret), salt, this.#digest, derivation));
  }

  /**
   * A text of letters, digits, `-`, `_` and `.` that says `value` and when it was signed.
   *
   * @param value - Anything that JSON has.
   * @throws {TypeError} If JSON has no text for it, as for `undefined`, a function, a bigint or a circular object.
   */
  dumps(value: unknown): string {
    const json = this.#serializer.dumps(value);
    if (json === undefined) throw wrongType("sign a value", "JSON must have a text for it", value);
    const signed = `${encodePayload(Buffer.from(json))}.${encodeTime(Math.floor(Date.now() / 1_000))}`;
    return `${signed}.${this.#sign(this.#keys.at(-1)!, signed).toString("base64url")}`;
  }

  /**
   * The value that was signed.
   *
   * @returns What JSON gives: check its shape, as an older version of the program may have written it.
   * @throws {TypeError} If `text` is not a string, or `maxAge` not a number.
   * @throws {RangeError} If `maxAge` is negative or NaN.
   * @throws {BadSignature} If it was not signed by any of the keys, for another salt, or was changed.
   * @throws {SignatureExpired} If it was signed more than `maxAge` ago, or in the future.
   * @throws {BadPayload} If it was signed, but is not what {@link dumps} writes.
   */
  loads(text: string, { maxAge = Infinity }: LoadOptions = {}): unknown {
    if (typeof text !== "string") throw wrongType("read what was signed", "it must be a string", typeof text);
    option("read what was signed", "maxAge", maxAge).milliseconds({ from: 0 });
    const end = text.lastIndexOf(".");
    const signed = text.slice(0, Math.max(end, 0));
    if (!this.#isSigned(signed, decodeExactly(text.slice(end + 1)))) {
      throw new BadSignature("Cannot read what was signed as the signature does not match");
    }
    const middle = signed.lastIndexOf(".");
    const time = decodeTime(signed.slice(middle + 1));
    if (middle < 0 || time === undefined) throw new BadSignature("Cannot read what was signed as it has no time");
    requireAge(time, maxAge);
    return decodePayload(signed.slice(0, middle), this.#serializer);
  }

  // All keys are tried, so that the time does not tell which one it was.
  #isSigned(signed: string, signature: Buffer | undefined): boolean {
    let isSigned = false;
    for (const key of this.#keys) {
      const wanted = this.#sign(key, signed);
      if (signature?.length === wanted.length && timingSafeEqual(signature, wanted)) isSigned = true;
    }
    return isSigned;
  }

  #sign(key: Buffer, text: string): Buffer {
    return createHmac(this.#digest, key).update(text).digest();
  }
}

// It is never shown.
function requireSecret(secret: unknown): Buffer {
  if (typeof secret !== "string" && !(secret instanceof Uint8Array)) {
    throw wrongType(action, "a secret key must be a string or bytes", typeof secret);
  }
  if (secret.length === 0) throw outOfRange(action, "a secret key must not be empty", "");
  return Buffer.from(secret as string);
}

function deriveKey(secret: Buffer, salt: string, digest: string, derivation: KeyDerivation): Buffer {
  if (derivation === "none") return secret;
  if (derivation === "hmac") return createHmac(digest, secret).update(salt).digest();
  const middle = derivation === "concat" ? "" : "signer";
  return createHash(digest)
    .update(salt + middle)
    .update(secret)
    .digest();
}

function encodePayload(json: Buffer): string {
  const compressed = deflateSync(json);
  return compressed.length < json.length - 1 ? `.${compressed.toString("base64url")}` : json.toString("base64url");
}

function decodePayload(payload: string, serializer: TextSerializer): unknown {
  try {
    const isCompressed = payload.startsWith(".");
    const bytes = decodeExactly(isCompressed ? payload.slice(1) : payload);
    if (bytes === undefined) throw new RangeError("It is not base64url");
    const json = isCompressed ? inflateSync(bytes, { maxOutputLength: mostBytes }) : bytes;
    return serializer.loads(new TextDecoder("utf-8", { fatal: true }).decode(json));
  } catch (cause) {
    throw new BadPayload("Cannot read what was signed as it is not JSON in base64url", { cause });
  }
}

// Base64 has several texts for the same bytes; only the one that an encoder writes is taken.
function decodeExactly(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64url");
  return bytes.toString("base64url") === text ? bytes : undefined;
}

function encodeTime(seconds: number): string {
  const hex = seconds.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex").toString("base64url");
}

function decodeTime(text: string): number | undefined {
  const bytes = decodeExactly(text);
  return bytes === undefined || bytes.length === 0 || bytes.length > 6 ? undefined : bytes.readUIntBE(0, bytes.length);
}

function requireAge(seconds: number, maxAge: number): void {
  if (maxAge === Infinity) return;
  const date = new Date(seconds * 1_000);
  const age = Math.floor(Date.now() / 1_000) * 1_000 - date.getTime();
  if (age > maxAge) {
    throw new SignatureExpired(cannot("read what was signed", `its age must be <= ${maxAge} ms`, age), date);
  }
  if (age < 0) throw new SignatureExpired(cannot("read what was signed", "its age must be >= 0 ms", age), date);
}
