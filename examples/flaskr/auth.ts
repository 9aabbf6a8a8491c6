// Register, log in, log out.
import {
  Blueprint,
  checkPasswordHash,
  generatePasswordHash,
  type HttpRequest,
  redirect,
  renderTemplate,
  urlFor,
} from "pottle";
import { loginUser, logoutUser, safeNext } from "pottle/auth";
import { rateLimit } from "pottle/rate-limit";
import { flash } from "pottle/sessions";
import { addUser, findUserByName } from "./users.ts";

/** The accounts, under `/auth`. */
export const auth: Blueprint<"/auth"> = new Blueprint("auth", { prefix: "/auth" });

// A password is slow to hash, so one client may not ask for many.
const registrations = rateLimit(20, 60_000);
const logins = rateLimit(20, 60_000);

auth.get("/register", { name: "register" }, () => renderTemplate("auth/register.html"));

auth.post(
  "/register",
  registrations.wrap(async (_, request) => {
    const { username, password } = await readAccount(request);
    const error = missing(username, password) ?? (await register(username, password));
    if (error === undefined) return redirect(urlFor("auth.login"), 303);
    flash(error);
    return renderTemplate("auth/register.html");
  }),
);

auth.get("/login", { name: "login" }, () => renderTemplate("auth/login.html"));

auth.post(
  "/login",
  logins.wrap(async (_, request) => {
    const { username, password } = await readAccount(request);
    const user = findUserByName(username);
    // It takes as long for a name that there is not.
    if (await checkPasswordHash(user?.password, password)) {
      loginUser(String(user!.id));
      return redirect(safeNext(request.args.get("next"), urlFor("blog.index")), 303);
    }
    flash("Incorrect username or password.");
    return renderTemplate("auth/login.html");
  }),
);

// A link could log a visitor out from another site; Flask's tutorial has one.
auth.post("/logout", { name: "logout" }, () => {
  logoutUser();
  return redirect(urlFor("blog.index"), 303);
});

async function readAccount(request: HttpRequest): Promise<{ username: string; password: string }> {
  const { fields } = await request.form();
  return { username: fields.get("username") ?? "", password: fields.get("password") ?? "" };
}

function missing(username: string, password: string): string | undefined {
  if (username === "") return "Username is required.";
  return password === "" ? "Password is required." : undefined;
}

async function register(username: string, password: string): Promise<string | undefined> {
  return addUser(username, await generatePasswordHash(password))
    ? undefined
    : `User ${username} is already registered.`;
}
