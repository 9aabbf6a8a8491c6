// Register, log in, log out.
import { Blueprint, checkPasswordHash, g, generatePasswordHash, redirect, renderTemplate, urlFor } from "pottle";
import { currentUser, loginUser, logoutUser, safeNext } from "pottle/auth";
import { rateLimit } from "pottle/rate-limit";
import { flash } from "pottle/sessions";
import { getDatabase } from "./database.ts";

/** The accounts, under `/auth`. */
export const auth: Blueprint<"/auth"> = new Blueprint("auth", { prefix: "/auth" });
// Passwords are slow to hash, and must be slow to guess: so many requests of a client are answered in a minute.
auth.beforeRequest(rateLimit(120, 60_000));

// A session may be that of an account that is gone, as when the database was made anew.
auth.beforeAppRequest(() => {
  const user = findUser("id", Number(currentUser()?.id)) ?? null;
  if (user === null && currentUser() !== undefined) logoutUser();
  g<{ user: User | null }>().user = user;
});

auth.route("/register", { methods: ["GET", "POST"] }, async function register(_, request) {
  if (request.method !== "POST") return renderTemplate("auth/register.html");
  const { fields } = await request.form();
  const [username, password] = [fields.require("username"), fields.require("password")];
  const error = await addUser(username, password);
  if (error === undefined) return redirect(urlFor(".login"), 303);
  flash(error);
  return renderTemplate("auth/register.html", { username });
});

auth.route("/login", { methods: ["GET", "POST"] }, async function login(_, request) {
  if (request.method !== "POST") return renderTemplate("auth/login.html");
  const { fields } = await request.form();
  const username = fields.require("username");
  const user = findUser("username", username);
  // It takes as long for a name that does not exist.
  if (await checkPasswordHash(user?.password, fields.require("password"))) {
    loginUser(String(user!.id));
    return redirect(safeNext(request.args.get("next"), urlFor("blog.index")), 303);
  }
  flash("Incorrect username or password.");
  return renderTemplate("auth/login.html", { username });
});

// A link could log a visitor out from another site; Flask's tutorial has one.
auth.post("/logout", function logout() {
  logoutUser();
  return redirect(urlFor("blog.index"), 303);
});

/** A row of the table of users. */
interface User {
  readonly id: number;
  readonly username: string;
  readonly password: string;
}

/** The user with that id or name. */
function findUser(column: "id" | "username", value: number | string): User | undefined {
  return getDatabase().prepare(`SELECT * FROM user WHERE ${column} = ?`).get(value) as User | undefined;
}

/** Adds a user; returns what is wrong, if anything is. */
async function addUser(username: string, password: string): Promise<string | undefined> {
  if (username === "") return "Username is required.";
  if (password === "") return "Password is required.";
  const hash = await generatePasswordHash(password);
  const insert = getDatabase().prepare("INSERT INTO user (username, password) VALUES (?, ?) ON CONFLICT DO NOTHING");
  return insert.run(username, hash).changes === 1 ? undefined : `User ${username} is already registered.`;
}
