import { option } from "../../base/options.ts";
import { BadData } from "../security/signature-errors.ts";
import { URLSafeTimedSerializer } from "../security/url-safe-timed-serializer.ts";
import type { AuthOptions } from "./auth-backend.ts";

/** Options of what is signed: a cookie or a token. */
export interface SignedAuthOptions extends AuthOptions {
  /** The secret that it is signed with: random, and the same in all processes of the application. */
  readonly secretKey: string | Uint8Array;
  /** Older keys, by which it can still be read. @default [] */
  readonly secretKeyFallbacks?: readonly (string | Uint8Array)[];
  /**
   * Keeps purposes apart that share a key. Do not give a cookie and a token the same: one would be taken for the other, for as
   * long as that is valid.
   *
   * @default "quart auth salt", that of quart-auth, for a cookie, and "bearer token" for a token
   */
  readonly salt?: string;
  /** How long it is valid, in milliseconds; at least 1,000. @default 31_536_000_000, 365 days */
  readonly lifetime?: number;
}

/** @internal Signs ids of users, in quart-auth's format. */
export class AuthSigner {
  /** In milliseconds. */
  readonly lifetime: number;
  readonly #serializer: URLSafeTimedSerializer;

  /**
   * @param purpose - The salt, unless the options have another.
   * @throws {TypeError} If an option has a wrong type.
   * @throws {RangeError} If a key is empty, or `lifetime` out of range.
   */
  constructor(options: SignedAuthOptions, purpose: string) {
    const { secretKey, secretKeyFallbacks = [], salt = purpose, lifetime = 365 * 86_400_000 } = options;
    const range = { from: 1_000, to: 1e12 };
    this.lifetime = option("set up authentication", "lifetime", lifetime).milliseconds(range);
    this.#serializer = new URLSafeTimedSerializer([...secretKeyFallbacks, secretKey], { salt, digest: "sha512" });
  }

  /** The signed text of an id. */
  sign(id: string): string {
    return this.#serializer.dumps(id);
  }

  /** The id of a signed text; `undefined` if it is not valid. */
  read(text: string): string | undefined {
    try {
      const id = this.#serializer.loads(text, { maxAge: this.lifetime });
      return typeof id === "string" && id !== "" ? id : undefined;
    } catch (error) {
      if (error instanceof BadData) return undefined;
      throw error;
    }
  }
}
