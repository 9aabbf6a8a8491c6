import { ambient } from "../../asyncio/index.ts";
import { wrongType } from "../../base/refusal.ts";
import { isFieldValue } from "../../http/index.ts";
import { type AppInfo, requireApp, type RequestContext } from "../message/context.ts";

/** Options that every way to say who a user is has. */
export interface AuthOptions {
  /** The part of the site that asks for a login, as browsers and clients may show it. @default "login" */
  readonly realm?: string;
}

/** @internal A way in which a request says who its user is. */
export interface AuthBackend {
  /** The challenge of `WWW-Authenticate`. */
  readonly challenge: string;
  /** The path of the login page; `undefined` if there is none. */
  readonly loginPath: string | undefined;
  /** The id of the user, if the request has one. */
  read(context: RequestContext): string | undefined;
  /** Logs a user in, for the requests after this one; `undefined` if the client must do it. */
  readonly logIn: ((context: RequestContext, id: string) => void) | undefined;
  /** Logs the user out. */
  readonly logOut: ((context: RequestContext) => void) | undefined;
}

const backends = ambient("web.auth.backends", () => new WeakMap<object, AuthBackend[]>());

/** @internal The ways of an application, in the order in which they are asked. */
export function backendsOf(app: object): readonly AuthBackend[] {
  return backends.get(app) ?? [];
}

/** @internal Adds a way to an application. @throws {TypeError} If `app` is not an application. */
export function addBackend(app: AppInfo, backend: AuthBackend): void {
  requireApp("set up authentication", app);
  backends.set(app, [...backendsOf(app), backend]);
}

/** @internal Writes a challenge. @throws {TypeError} If `realm` cannot stand in a header. */
export function toChallenge(scheme: string, realm: string = "login"): string {
  if (typeof realm === "string" && isFieldValue(realm)) {
    return `${scheme} realm="${realm.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
  }
  throw wrongType("set up authentication", "'realm' must be text without line breaks", realm);
}

/** @internal Checks a path of a login page. @throws {TypeError} If it does not begin with one `/`. */
export function checkLoginPath(path: string | undefined): string | undefined {
  if (path === undefined || (typeof path === "string" && /^\/(?![/\\])[^\s#]*$/.test(path))) return path;
  throw wrongType("set up authentication", "'loginPath' must be a path that begins with '/'", path);
}
