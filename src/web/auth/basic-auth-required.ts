import { createHash, timingSafeEqual } from "node:crypto";
import { option } from "../../base/options.ts";
import { wrongType } from "../../base/refusal.ts";
import { Unauthorized } from "../errors/statuses.ts";
import { requireRequest } from "../message/context.ts";
import { wrapView } from "../message/wrap-view.ts";
import { toChallenge } from "./auth-backend.ts";

/** One user and the password, in clear: for a page of an operator. */
export interface BasicCredentials {
  /** The name of the user. */
  readonly username: string;
  /** The password. */
  readonly password: string;
  /** The part of the site, as browsers show it. @default "login" */
  readonly realm?: string;
}

/** A function that says whether a user and password are right, as `checkPasswordHash` does. */
export interface BasicCheck {
  /** Whether they are right. */
  readonly check: (username: string, password: string) => boolean | PromiseLike<boolean>;
  /** The part of the site, as browsers show it. @default "login" */
  readonly realm?: string;
}

const action = "require basic authentication";

/**
 * Lets only who has the user name and the password reach a view; a browser asks for them. Both are compared in constant
 * time. Use it over HTTPS only: the password is readable on the way otherwise.
 *
 * @throws {TypeError} If `credentials` are neither a name and a password nor a check, or `view` is not a function.
 * @example
 * const app = new Pottle(import.meta);
 * const operator = { username: "ada", password: "correct horse" };
 * app.get("/status", basicAuthRequired(operator, () => "All is well"));
 * const client = app.testClient();
 * console.log((await client.get("/status")).headers.get("www-authenticate")); // Basic realm="login", charset="UTF-8"
 * const headers = { Authorization: `Basic ${btoa("ada:correct horse")}` };
 * console.log((await client.get("/status", { headers })).text()); // All is well
 * @see https://www.rfc-editor.org/rfc/rfc7617
 */
export function basicAuthRequired<A extends unknown[], R>(
  credentials: BasicCredentials | BasicCheck,
  view: (...args: A) => R,
): (...args: A) => Promise<Awaited<R>> {
  option(action, "view", view).function();
  const check = toCheck(credentials);
  const challenge = `${toChallenge("Basic", credentials.realm)}, charset="UTF-8"`;
  return wrapView(view, async (...args: A): Promise<Awaited<R>> => {
    const [username, password] = readBasic(requireRequest("basicAuthRequired()").request.headers.get("authorization"));
    const isRight: unknown = username !== undefined && password !== undefined && (await check(username, password));
    if (isRight !== true) throw new Unauthorized(undefined, { headers: ["WWW-Authenticate", challenge] });
    return await view(...args);
  });
}

function toCheck(credentials: BasicCredentials | BasicCheck): BasicCheck["check"] {
  if (typeof credentials !== "object" || credentials === null) {
    throw wrongType(action, "'credentials' must be an object", typeof credentials);
  }
  if ("check" in credentials) return option(action, "check", credentials.check).function();
  const { username, password } = credentials;
  if (typeof username !== "string" || typeof password !== "string") {
    throw wrongType(action, "'username' and 'password' must be strings", `${typeof username}, ${typeof password}`);
  }
  const [wantedName, wantedPassword] = [digest(username), digest(password)];
  return (name, word) => {
    const isName = timingSafeEqual(digest(name), wantedName);
    const isPassword = timingSafeEqual(digest(word), wantedPassword);
    return isName && isPassword;
  };
}

// Of the same length for all texts, as a comparison in constant time needs.
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function readBasic(header: string | undefined): [username?: string, password?: string] {
  const [, encoded] = /^basic +([\w+/-]+=*) *$/i.exec(header ?? "") ?? [];
  if (encoded === undefined) return [];
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.from(encoded, "base64"));
    const colon = text.indexOf(":");
    return colon < 0 ? [] : [text.slice(0, colon), text.slice(colon + 1)];
  } catch {
    // Bytes that are not UTF-8 are no user's name and password.
    return [];
  }
}
