import { option } from "../../base/options.ts";
import { Unauthorized } from "../errors/statuses.ts";
import { abort } from "../message/abort.ts";
import { type RequestContext, requireRequest } from "../message/context.ts";
import { redirect } from "../message/redirect.ts";
import { wrapView } from "../message/wrap-view.ts";
import { type AuthBackend, backendsOf } from "./auth-backend.ts";
import { currentUser } from "./current-user.ts";

/**
 * Lets only users who are logged in reach a view. Others get 401 with `WWW-Authenticate`; where the application has a
 * `loginPath`, browsers are sent there, with where they were going as `next`: see {@link safeNext}. A WebSocket is refused
 * with 401 before it is accepted.
 *
 * The types of the view, and its name, stay as they are.
 *
 * @throws {TypeError} If `view` is not a function.
 * @example
 * const app = new Pottle(import.meta);
 * bearerAuth(app, { secretKey: "a long random secret" });
 * app.get("/todos/<int:id>", loginRequired(({ id }) => ({ id, owner: currentUser()?.id })));
 * console.log((await app.testClient().get("/todos/1")).status); // 401
 */
export function loginRequired<A extends unknown[], R>(view: (...args: A) => R): (...args: A) => R {
  option("require a login", "view", view).function();
  return wrapView(view, (...args: A): R => {
    requireLogin();
    return view(...args);
  });
}

/**
 * Ends a request whose user is not logged in, as {@link loginRequired} does: for hooks, such as those of a blueprint.
 *
 * @throws {HTTPError} If no user is logged in: 401, or a redirect to the login page.
 * @throws {InvalidStateError} If there is no request, or its application has no authentication.
 * @example
 * const app = new Pottle(import.meta);
 * bearerAuth(app, { secretKey: "a long random secret" });
 * const admin = new Blueprint("admin", { prefix: "/admin" });
 * admin.beforeRequest(() => requireLogin());
 * admin.get("/", () => "Hello");
 * app.register(admin);
 * console.log((await app.testClient().get("/admin/")).status); // 401
 */
export function requireLogin(): void {
  if (currentUser() !== undefined) return;
  const context = requireRequest("requireLogin()");
  const backends = backendsOf(context.app);
  const loginPath = backends.find((backend) => backend.loginPath !== undefined)?.loginPath;
  if (loginPath === undefined || context.isSocket || isSentNowhere(context, loginPath)) throw unauthorized(backends);
  abort(redirectToLogin(context, loginPath));
}

// A client that sends the header does not have a page to show; and a login page that needs a login would send its users to
// itself for ever.
function isSentNowhere({ request, basePath }: RequestContext, loginPath: string): boolean {
  return request.headers.has("authorization") || encodeURI(basePath + request.path) === loginPath.split("?")[0];
}

function unauthorized(backends: readonly AuthBackend[]): Unauthorized {
  const headers = [...new Set(backends.map(({ challenge }) => challenge))];
  return new Unauthorized(undefined, { headers: headers.flatMap((challenge) => ["WWW-Authenticate", challenge]) });
}

// What was posted is lost on the way: the user is not sent back to where it would be asked for again.
function redirectToLogin({ request, basePath }: RequestContext, loginPath: string): ReturnType<typeof redirect> {
  if (request.method !== "GET" && request.method !== "HEAD") return redirect(loginPath, 303);
  const next = encodeURIComponent((encodeURI(basePath) + request.target).toWellFormed());
  return redirect(`${loginPath}${loginPath.includes("?") ? "&" : "?"}next=${next}`);
}
