// Flask's tutorial application: accounts and blog posts.          run it:  npx pottle run app.ts
import { Pottle } from "pottle";
import { csrf, currentUser, sessionAuth } from "pottle/auth";
import { sessions } from "pottle/sessions";
import { auth } from "./auth.ts";
import { blog } from "./blog.ts";
import { findUser } from "./users.ts";

const app: Pottle = new Pottle(import.meta);
sessions(app, { secretKey: process.env["SECRET_KEY"] ?? "dev" });
sessionAuth(app, { loginPath: "/auth/login" });
csrf(app);

// What every template knows, besides url_for, get_flashed_messages, csrf_token, request, session and g.
app.contextProcessor(() => {
  const user = currentUser();
  return { user: user === undefined ? null : findUser(Number(user.id)) };
});

app.register(auth);
app.register(blog);
app.static("/static", "static");

export default app;
