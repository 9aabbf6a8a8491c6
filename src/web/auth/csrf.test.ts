import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Blueprint } from "../app/blueprint.ts";
import { Pottle } from "../app/pottle.ts";
import { Browser } from "../sessions/browser.fixture.ts";
import { sessions } from "../sessions/sessions.ts";
import { renderTemplateString } from "../templates/render-template.ts";
import { csrf, CSRFError, csrfExempt, type CsrfOptions } from "./csrf.ts";
import { csrfToken } from "./csrf-token.ts";
import { loginUser } from "./current-user.ts";
import { loginRequired } from "./login-required.ts";
import { sessionAuth } from "./session-auth.ts";

function createApp(options: CsrfOptions = {}): Pottle {
  const app = new Pottle();
  sessions(app, { secretKey: "secret" });
  sessionAuth(app);
  csrf(app, options);
  app.get("/token", () => csrfToken());
  app.get("/tokens", () => [csrfToken(), csrfToken()]);
  app.route("/change", { methods: ["POST", "PUT", "PATCH", "DELETE"] }, () => "changed");
  app.get("/safe", () => "safe");
  app.post("/login", () => {
    loginUser("ada");
    return "x";
  });
  app.post(
    "/hook",
    csrfExempt(() => "exempt"),
  );
  app.post("/wrapped", loginRequired(csrfExempt(() => "wrapped")));
  return app;
}

async function open(app: Pottle): Promise<{ browser: Browser; token: string }> {
  const browser = new Browser(app);
  return { browser, token: (await browser.get("/token")).text() };
}

test("csrf() takes the token of the session in a header or in a field of a form", async () => {
  const { browser, token } = await open(createApp());
  for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
    assert.equal((await browser.send(method, "/change", { headers: { "X-CSRFToken": token } })).status, 200);
  }
  assert.equal((await browser.post("/change", { form: { csrf_token: token, title: "x" } })).status, 200);
  const form = new FormData();
  form.append("csrf_token", token);
  assert.equal((await browser.post("/change", { form })).status, 200);
});

test("csrf() gives templates the field of a form, and its token", async () => {
  const app = createApp({ fieldName: "token" });
  app.get("/page", () => renderTemplateString("{{ csrf_field() }}|{{ csrf_token() }}"));
  const browser = new Browser(app);
  const page = (await browser.get("/page")).text();
  const [, field = "", token = ""] =
    /^<input type="hidden" name="token" value="([^"]+)" \/>\|([\w-]+)$/.exec(page) ?? [];
  for (const value of [field, token]) {
    assert.equal((await browser.post("/change", { form: { token: value } })).status, 200);
  }
});

test("csrf() of a blueprint guards its views", async () => {
  const app = new Pottle();
  sessions(app, { secretKey: "secret" });
  const blueprint = new Blueprint("inner");
  csrf(blueprint);
  blueprint.post("/inner", () => "changed");
  app.post("/outer", () => "changed");
  app.register(blueprint);
  const browser = new Browser(app);
  assert.equal((await browser.post("/inner")).status, 403);
  assert.equal((await browser.post("/outer")).status, 200);
});

test("csrf() has each token look different, and takes all of a session", async () => {
  const { browser } = await open(createApp());
  const [one, other] = (await browser.get("/tokens")).json<[string, string]>();
  assert.notEqual(one, other);
  for (const token of [one, other]) {
    assert.equal((await browser.post("/change", { headers: { "X-CSRFToken": token } })).status, 200);
  }
});

test("csrf() leaves methods that change nothing alone", async () => {
  const browser = new Browser(createApp());
  const headers = { "Sec-Fetch-Site": "cross-site", Origin: "https://evil.example" };
  for (const method of ["GET", "HEAD", "OPTIONS"]) {
    assert.equal((await browser.send(method, "/safe", { headers })).status, 200, method);
  }
});

test("csrf() answers a request without the token of its session with 403", async () => {
  const app = createApp();
  const { browser, token } = await open(app);
  const other = await open(app);
  for (const options of [
    {},
    { form: { title: "x" } },
    { json: { csrf_token: token } },
    { headers: { "X-CSRFToken": "" } },
    { headers: { "X-CSRFToken": token.slice(1) } },
    { headers: { "X-CSRFToken": `${token}${token}` } },
    { headers: { "X-CSRFToken": "x".repeat(9_000) } },
    { headers: { "X-CSRFToken": other.token } },
    { form: { csrf_token: other.token } },
  ]) {
    const { status } = await browser.post("/change", options);
    assert.equal(status, 403, JSON.stringify(options).slice(0, 80));
  }
  // Without the cookie, the token is worth nothing.
  assert.equal((await new Browser(app).post("/change", { headers: { "X-CSRFToken": token } })).status, 403);
});

test("csrf() never takes a token that was made up", async () => {
  const { browser } = await open(createApp());
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 60, maxLength: 70 }), async (bytes) => {
      const headers = { "X-CSRFToken": Buffer.from(bytes).toString("base64url") };
      assert.equal((await browser.post("/change", { headers })).status, 403);
    }),
    { numRuns: 50 },
  );
});

for (const [headers, status] of [
  [{ "Sec-Fetch-Site": "same-origin" }, 200],
  [{ "Sec-Fetch-Site": "none" }, 200],
  [{ "Sec-Fetch-Site": "same-origin", Origin: "https://proxied.example" }, 200],
  [{ "Sec-Fetch-Site": "same-site" }, 403],
  [{ "Sec-Fetch-Site": "cross-site" }, 403],
  [{ "Sec-Fetch-Site": "cross-site", Origin: "https://trusted.example" }, 200],
  [{ Host: "own.example", Origin: "http://own.example" }, 200],
  [{ Host: "own.example", Origin: "https://own.example" }, 200],
  [{ Host: "own.example:443", Origin: "https://own.example" }, 200],
  [{ Host: "OWN.example", Origin: "https://own.example" }, 200],
  [{ Host: "own.example", Origin: "https://own.example:8443" }, 403],
  [{ Host: "own.example", Origin: "https://own.example.evil.example" }, 403],
  [{ Host: "own.example", Origin: "https://trusted.example" }, 200],
  [{ Host: "own.example", Origin: "https://evil.example" }, 403],
  [{ Host: "own.example", Origin: "null" }, 403],
  [{ Host: "own.example", Origin: "" }, 403],
] as const) {
  test(`csrf() answers ${JSON.stringify(headers)} with ${status}`, async () => {
    const { browser, token } = await open(createApp({ trustedOrigins: ["https://trusted.example"] }));
    const response = await browser.post("/change", { headers: { "X-CSRFToken": token, ...headers } });
    assert.equal(response.status, status);
  });
}

test("csrf() exempts views and requests", async () => {
  const app = createApp({ exempt: (request) => request.headers.has("authorization") });
  const browser = new Browser(app);
  assert.equal((await browser.post("/hook")).text(), "exempt");
  assert.equal((await browser.post("/wrapped")).status, 401);
  assert.equal((await browser.post("/change", { headers: { authorization: "Bearer x" } })).text(), "changed");
  assert.equal((await browser.post("/missing")).status, 403);
});

test("csrf() does not take a token from before a login", async () => {
  const { browser, token } = await open(createApp());
  assert.equal((await browser.post("/login", { headers: { "X-CSRFToken": token } })).status, 200);
  assert.equal((await browser.post("/change", { headers: { "X-CSRFToken": token } })).status, 403);
  const after = (await browser.get("/token")).text();
  assert.equal((await browser.post("/change", { headers: { "X-CSRFToken": after } })).status, 200);
});

test("csrf() has an error of its own, and names of its own if wanted", async () => {
  const app = createApp({ fieldName: "token", headerName: "X-Token" });
  app.errorHandler(CSRFError, (error) => ({ error: error.description }));
  const { browser, token } = await open(app);
  assert.equal((await browser.post("/change", { form: { token } })).status, 200);
  assert.equal((await browser.post("/change", { headers: { "X-Token": token } })).status, 200);
  const refused = await browser.post("/change", { form: { csrf_token: token } });
  assert.equal(refused.status, 403);
  assert.deepEqual(refused.json(), { error: "This request has no CSRF token." });
});

test("csrf() answers a form that is broken or too large as the application would", async () => {
  const { browser } = await open(createApp());
  const broken = { body: "x", headers: { "Content-Type": "multipart/form-data" } };
  assert.equal((await browser.post("/change", broken)).status, 400);
});

for (const options of [
  { fieldName: 1 },
  { headerName: "a b" },
  { trustedOrigins: "https://x.example" },
  { trustedOrigins: ["https://x.example/"] },
  { trustedOrigins: ["null"] },
  { exempt: 1 },
]) {
  test(`csrf() refuses ${JSON.stringify(options)}`, () => {
    assert.throws(() => createApp(options as never), TypeError);
  });
}

test("csrf() exempts no request for a promise: an async function would exempt all", async () => {
  const app = createApp({ exempt: (async () => false) as never });
  const { status } = await app.testClient().post("/save");
  assert.equal(status, 500);
});
