import type { AppInfo } from "../message/context.ts";
import { session } from "../sessions/sessions.ts";
import { addBackend, type AuthOptions, checkLoginPath, toChallenge } from "./auth-backend.ts";
import { forgetCsrfSecret } from "./csrf-token.ts";

/** Options of {@link sessionAuth}. */
export interface SessionAuthOptions extends AuthOptions {
  /** The path of the login page, to which `loginRequired` sends browsers. @default there is none: 401 */
  readonly loginPath?: string;
}

/** The name under which Flask-Login keeps it. */
const key = "_user_id";

/**
 * Keeps who is logged in in the session: set up `sessions(app, …)` as well. With a store on the server, `logoutUser()` ends
 * every copy of the cookie; a session in the cookie itself lasts, for who has a copy, until it is too old.
 *
 * @throws {TypeError} If an option has a wrong type.
 * @example
 * const app = new Pottle(import.meta);
 * sessions(app, { secretKey: "a long random secret" });
 * sessionAuth(app, { loginPath: "/login" });
 * app.get("/me", loginRequired(() => `You are ${currentUser()?.id}`));
 * console.log((await app.testClient().get("/me")).headers.get("location")); // /login?next=%2Fme
 */
export function sessionAuth(app: AppInfo, options: SessionAuthOptions = {}): void {
  addBackend(app, {
    challenge: toChallenge("Cookie", options.realm),
    loginPath: checkLoginPath(options.loginPath),
    read: readUser,
    logIn: (_, id) => {
      const current = session();
      current.regenerate();
      forgetCsrfSecret(current);
      current.set(key, id);
    },
    logOut: () => {
      const current = session();
      // A message that is flashed now must not be found by a copy of the cookie.
      if (!current.new) current.regenerate();
      current.clear();
    },
  });
}

function readUser(): string | undefined {
  const id = session().get(key);
  return typeof id === "string" && id !== "" ? id : undefined;
}
