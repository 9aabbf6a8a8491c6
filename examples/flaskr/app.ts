// Flask's tutorial application: accounts and blog posts.          run it:  npx pottle run app.ts
import { existsSync } from "node:fs";
import { Pottle } from "pottle";
import { csrf, sessionAuth } from "pottle/auth";
import { sessions } from "pottle/sessions";
import { auth } from "./auth.ts";
import { blog } from "./blog.ts";
import { databaseFile, initDatabase, useDatabase } from "./database.ts";

/** Settings of the application; the environment variables `DATABASE` and `SECRET_KEY` are the defaults of two. */
export interface FlaskrOptions {
  /** The file of the database; it is made at the start if there is none. */
  readonly database?: string;
  /** The key that signs the sessions. */
  readonly secretKey?: string;
  /** The path of the login page, which another application that mounts this one puts its prefix before. */
  readonly loginPath?: string;
}

/** Makes the application. */
export default function createApp(options: FlaskrOptions = {}): Pottle {
  const { database = databaseFile(), secretKey = process.env["SECRET_KEY"] ?? "dev" } = options;
  const app = new Pottle(import.meta);
  sessions(app, { secretKey });
  sessionAuth(app, { loginPath: options.loginPath ?? "/auth/login" });
  csrf(app);
  useDatabase(app, database);
  app.onStart(() => (existsSync(database) ? undefined : initDatabase(database)));
  app.get("/hello", () => "Hello, World!");
  app.register(auth);
  app.register(blog);
  app.static("/static", "static");
  return app;
}
