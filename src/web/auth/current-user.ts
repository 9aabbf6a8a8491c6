import { ambient, InvalidStateError } from "../../asyncio/index.ts";
import { wrongType } from "../../base/refusal.ts";
import { type RequestContext, requireRequest } from "../message/context.ts";
import { backendsOf } from "./auth-backend.ts";

/** A user who is logged in. */
export interface AuthUser {
  /** The id that it was logged in by. */
  readonly id: string;
}

/** The users of requests that have logged in or out. */
const changed = ambient("web.auth.users", () => new WeakMap<RequestContext, AuthUser | undefined>());

/**
 * The user of the request that is being answered; `undefined` if none is logged in.
 *
 * @throws {InvalidStateError} If there is no request, or its application has no authentication.
 * @example
 * const app = new Pottle(import.meta);
 * const tokens = bearerAuth(app, { secretKey: "a long random secret" });
 * app.get("/", () => currentUser()?.id ?? "nobody");
 * const headers = { Authorization: `Bearer ${tokens.createToken("ada")}` };
 * console.log((await app.testClient().get("/", { headers })).text()); // ada
 */
export function currentUser(): AuthUser | undefined {
  const context = requireRequest("currentUser()");
  if (changed.has(context)) return changed.get(context);
  const backends = backendsOf(context.app);
  if (backends.length === 0) throw noAuthentication("use currentUser()");
  for (const backend of backends) {
    const id = backend.read(context);
    if (id !== undefined) return { id };
  }
  return undefined;
}

/**
 * Logs a user in: from the next request on, `currentUser()` is that user, and in the rest of this one. A session on the
 * server gets a new id.
 *
 * @throws {TypeError} If `id` is not a string, or empty.
 * @throws {InvalidStateError} If there is no request, or its application cannot log users in, as with {@link bearerAuth}; or
 *   the session cannot be changed.
 * @example
 * const app = new Pottle(import.meta);
 * sessions(app, { secretKey: "a long random secret" });
 * sessionAuth(app);
 * app.post("/login", () => {
 *   loginUser("ada");
 *   return { user: currentUser()?.id };
 * });
 * console.log((await app.testClient().post("/login")).text()); // {"user":"ada"}
 */
export function loginUser(id: string): void {
  const context = requireRequest("loginUser()");
  if (typeof id !== "string" || id === "") throw wrongType("log a user in", "'id' must be a string, not empty", id);
  const backend = backendsOf(context.app).find(({ logIn }) => logIn !== undefined);
  if (backend?.logIn === undefined) throw noAuthentication("log a user in");
  backend.logIn(context, id);
  changed.set(context, { id });
}

/**
 * Logs the user out, if one is logged in. A session ends: all of its values are gone.
 *
 * @throws {InvalidStateError} If there is no request, or its application has no authentication; or the session cannot be
 *   changed.
 */
export function logoutUser(): void {
  const context = requireRequest("logoutUser()");
  const backends = backendsOf(context.app);
  if (backends.length === 0) throw noAuthentication("log a user out");
  for (const { logOut } of backends) logOut?.(context);
  changed.set(context, undefined);
}

function noAuthentication(action: string): InvalidStateError {
  const must = "its application must have a way to do it: sessionAuth(app) or cookieAuth(app)";
  return new InvalidStateError(`Cannot ${action} as ${must}: there is none`);
}
