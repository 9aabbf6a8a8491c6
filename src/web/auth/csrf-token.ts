import { randomBytes, timingSafeEqual } from "node:crypto";
import type { Session } from "../sessions/session.ts";
import { session } from "../sessions/sessions.ts";

const key = "_csrf";
const length = 32;

/**
 * The token that a form or a script of this site sends back: it is bound to the session, and looks different each time, so
 * that compression does not reveal it. The first call in a session changes the session.
 *
 * @throws {InvalidStateError} If there is no request, or its session cannot be changed when it has to be.
 * @example
 * const app = new Pottle(import.meta);
 * sessions(app, { secretKey: "a long random secret" });
 * csrf(app);
 * app.get("/", () => {
 *   const token = csrfToken();
 *   return html`<form method="post"><input type="hidden" name="csrf_token" value="${token}" /></form>`;
 * });
 * app.post("/", () => "Done");
 * console.log((await app.testClient().post("/")).status); // 403
 */
export function csrfToken(): string {
  const current = session();
  const secret = readSecret(current) ?? createSecret(current);
  const mask = randomBytes(length);
  return Buffer.concat([mask, xor(mask, secret)]).toString("base64url");
}

/** @internal Whether a token is one of a session; compares in constant time. */
export function isTokenOf(current: Session, token: string): boolean {
  const secret = readSecret(current);
  const bytes = Buffer.from(token.length > 100 ? "" : token, "base64url");
  if (secret === undefined || bytes.length !== 2 * length) return false;
  return timingSafeEqual(xor(bytes.subarray(0, length), bytes.subarray(length)), secret);
}

/** @internal Makes the tokens of a session worthless, as at a login: another may know them. */
export function forgetCsrfSecret(current: Session): void {
  current.delete(key);
}

function readSecret(current: Session): Uint8Array | undefined {
  const secret = current.get(key);
  return secret instanceof Uint8Array && secret.length === length ? secret : undefined;
}

function createSecret(current: Session): Uint8Array {
  const secret = new Uint8Array(randomBytes(length));
  current.set(key, secret);
  return secret;
}

function xor(one: Uint8Array, other: Uint8Array): Buffer {
  return Buffer.from(one.map((byte, i) => byte ^ (other[i] ?? 0)));
}
