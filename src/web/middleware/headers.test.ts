import assert from "node:assert/strict";
import { test } from "node:test";
import { abort, html, makeResponse, Pottle } from "../index.ts";
import { cspNonce, requestId, requestIds, securityHeaders, type SecurityHeadersOptions } from "./index.ts";

function appWith(options?: SecurityHeadersOptions): Pottle {
  const app = new Pottle(import.meta);
  securityHeaders(app, options);
  app.get("/", () => "Hello");
  app.get("/own", () =>
    makeResponse("Hello", 200, { "X-Frame-Options": "DENY", "Content-Security-Policy": "sandbox" }),
  );
  app.get("/script", () => html`<script nonce="${cspNonce()}"></script><style nonce="${cspNonce()}"></style>`);
  app.get("/gone", () => abort(410));
  return app;
}

test("securityHeaders() sends strict headers with each response, errors included", async () => {
  const client = appWith().testClient();
  for (const path of ["/", "/gone", "/none"]) {
    const { headers } = await client.get(path);
    assert.equal(headers.get("X-Content-Type-Options"), "nosniff");
    assert.equal(headers.get("X-Frame-Options"), "SAMEORIGIN");
    assert.equal(headers.get("Referrer-Policy"), "strict-origin-when-cross-origin");
    assert.equal(headers.get("Cross-Origin-Opener-Policy"), "same-origin");
    assert.equal(headers.get("Strict-Transport-Security"), undefined);
    assert.equal(
      headers.get("Content-Security-Policy"),
      "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'",
    );
  }
});

test("securityHeaders() leaves alone what a view has set", async () => {
  const { headers } = await appWith().testClient().get("/own");
  assert.deepEqual([headers.get("X-Frame-Options"), headers.get("Content-Security-Policy")], ["DENY", "sandbox"]);
});

test("securityHeaders() asks for HTTPS over HTTPS only", async () => {
  const app = appWith({ includeSubDomains: true, strictTransportSecurity: 3_600_500 });
  const secure = await app.fetch(new Request("https://example.com/"));
  assert.equal(secure.headers.get("Strict-Transport-Security"), "max-age=3600; includeSubDomains");
  const plain = await app.fetch(new Request("http://example.com/"));
  assert.equal(plain.headers.get("Strict-Transport-Security"), null);
});

test("securityHeaders() leaves out what is false, and only reports if it is told", async () => {
  const off = { contentSecurityPolicy: false, frameOptions: false, referrerPolicy: false } as const;
  const { headers } = await appWith({ ...off, permissionsPolicy: "camera=()" })
    .testClient()
    .get("/");
  assert.deepEqual(
    ["Content-Security-Policy", "X-Frame-Options", "Referrer-Policy", "Permissions-Policy"].map((name) =>
      headers.get(name),
    ),
    [undefined, undefined, undefined, "camera=()"],
  );
  const reporting = await appWith({ reportOnly: true }).testClient().get("/");
  assert.equal(reporting.headers.has("Content-Security-Policy-Report-Only"), true);
  assert.equal(reporting.headers.has("Content-Security-Policy"), false);
});

test("cspNonce() lets scripts and styles within a page run, by another text for each request", async () => {
  const client = appWith().testClient();
  const nonces = [];
  for (let i = 0; i < 2; i++) {
    const response = await client.get("/script");
    const [, script, style] = /nonce="([\w-]{24})".*nonce="([\w-]{24})"/.exec(response.text()) ?? [];
    assert.equal(script, style);
    const policy = response.headers.get("Content-Security-Policy")!;
    assert.match(policy, new RegExp(`script-src 'self' 'nonce-${script}'; style-src 'self' 'nonce-${script}'`));
    nonces.push(script);
  }
  assert.notEqual(nonces[0], nonces[1]);
  assert.doesNotMatch((await client.get("/")).headers.get("Content-Security-Policy")!, /nonce/);
});

test("cspNonce() takes the place of 'none', and adds nothing where there is no rule", async () => {
  const strict = appWith({ contentSecurityPolicy: { "script-src": "'none'", "img-src": [] } });
  const policy = (await strict.testClient().get("/script")).headers.get("Content-Security-Policy");
  assert.match(policy!, /^script-src 'nonce-[\w-]{24}'; img-src$/);
});

test("securityHeaders() refuses what cannot stand in a header", () => {
  const refusals: [SecurityHeadersOptions, RegExp][] = [
    [{ contentSecurityPolicy: { "script-src": "a; img-src *" } }, /visible characters without ; and ,/],
    [{ contentSecurityPolicy: { "Script Src": "a" } }, /a directive of the policy must be small letters/],
    [{ contentSecurityPolicy: { "script-src": 7 as never } }, /must be a string or a list/],
    [{ contentSecurityPolicy: "default-src 'self'" as never }, /must be an object of directives/],
    [{ referrerPolicy: "a\r\nX: y" }, /Referrer-Policy must be a text that may stand in a header/],
    [{ permissionsPolicy: 7 as never }, /Permissions-Policy must be a string or false/],
    [{ frameOptions: "ALL" as never }, /'frameOptions' must be one of DENY, SAMEORIGIN/],
    [{ strictTransportSecurity: -1 }, /'strictTransportSecurity' must be a number of milliseconds/],
  ];
  for (const [options, message] of refusals) assert.throws(() => appWith(options), message);
});

test("requestIds() gives each request an id, errors included, and takes none from clients unless it is told", async () => {
  const app = new Pottle(import.meta);
  requestIds(app);
  app.get("/", () => requestId()!);
  const client = app.testClient();
  const one = await client.get("/", { headers: { "X-Request-Id": "mine" } });
  assert.match(one.text(), /^[\da-f]{8}-[\da-f-]{27}$/);
  assert.equal(one.headers.get("X-Request-Id"), one.text());
  assert.notEqual((await client.get("/none")).headers.get("X-Request-Id"), undefined);
});

test("requestIds() takes an id over from a proxy, if it is one", async () => {
  const app = new Pottle(import.meta);
  requestIds(app, { trustIncoming: true, header: "X-Trace", generate: () => "made" });
  app.get("/", () => requestId()!);
  const asked = async (id: string): Promise<string> =>
    (await app.testClient().get("/", { headers: { "X-Trace": id } })).text();
  assert.deepEqual(
    [await asked("a-1"), await asked("a b"), await asked("<b>"), await asked("x".repeat(129)), await asked("")],
    ["a-1", "made", "made", "made", "made"],
  );
});

test("requestId() is undefined where there is none, and throws outside of a request", async () => {
  const app = new Pottle(import.meta);
  app.get("/", () => String(requestId()));
  assert.equal((await app.testClient().get("/")).text(), "undefined");
  assert.throws(() => requestId(), /Cannot use requestId\(\) as it must be called in a request/);
  assert.throws(() => requestIds(app, { header: "a b" }), /'header' must be a token/);
});
