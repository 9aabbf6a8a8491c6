// One application that uses everything. Its views throw nothing by themselves: whatever a client sends, an answer with 500 is a
// fault of the framework.

import { join } from "node:path";
import {
  abort,
  afterThisRequest,
  Blueprint,
  Broadcast,
  g,
  html,
  type HttpRequest,
  Pottle,
  redirect,
  renderTemplate,
  sendFile,
  sendFromDirectory,
  sse,
  staticFiles,
  streamTemplate,
  urlFor,
} from "../../src/web/index.ts";
import {
  basicAuthRequired,
  bearerAuth,
  cookieAuth,
  csrf,
  csrfExempt,
  csrfToken,
  currentUser,
} from "../../src/web/auth/index.ts";
import { loginRequired, loginUser, logoutUser, safeNext, sessionAuth } from "../../src/web/auth/index.ts";
import { fromConnect, fromNodeHandler, nodeRequest } from "../../src/connect/index.ts";
import { clientAddress, MemoryRateLimitStore, rateLimit } from "../../src/web/limits/index.ts";
import { compress, cors, cspNonce, etags, requestIds, securityHeaders } from "../../src/web/middleware/index.ts";
import { flash, getFlashedMessages, MemorySessionStore, session, sessions } from "../../src/web/sessions/index.ts";

const site = join(import.meta.dirname, "site");
const secretKey = "a secret of the fuzzer";

/** What a test sees of the application, besides its answers. */
export interface Target {
  readonly app: Pottle;
  readonly store: MemorySessionStore;
  readonly limits: MemoryRateLimitStore;
  readonly broadcast: Broadcast<string>;
  /** A valid token, and a valid cookie of `cookieAuth()`'s application. */
  readonly token: string;
}

/** Makes the application. With `onServer`, its sessions are in a store. */
export function createApplication(onServer: boolean): Target {
  const app = new Pottle({ dirname: site }, { requestTimeout: 3_000, serverName: "here.example" });
  const store = new MemorySessionStore({ maxSessions: 100 });
  const limits = new MemoryRateLimitStore({ maxKeys: 100 });
  const broadcast = new Broadcast<string>();
  requestIds(app, { trustIncoming: true });
  securityHeaders(app);
  cors(app, { origins: ["https://friend.example", /https:\/\/\w+\.friend\.example/], credentials: true, maxAge: 5 });
  etags(app);
  compress(app, { minimumSize: 1 });
  sessions(app, { secretKey, ...(onServer && { store }) });
  sessionAuth(app, { loginPath: "/login" });
  const tokens = bearerAuth(app, { secretKey });
  csrf(app, { exempt: (request) => request.path.startsWith("/open/") });
  addPages(app);
  addForms(app);
  addFiles(app);
  addUsers(app);
  addStreams(app, broadcast);
  addOthers(app, limits);
  app.use(
    fromConnect([
      (request, response, next) => {
        response.setHeader("X-Connect", encodeURIComponent(request.method ?? ""));
        next();
      },
    ]),
  );
  return { app, store, limits, broadcast, token: tokens.createToken("ada") };
}

function addPages(app: Pottle): void {
  app.errorHandler(404, (error) => [html`<p>No ${error.description}</p>`, 404]);
  app.get("/", function index() {
    return "Hello";
  });
  app.get("/int/<int:one>/<int(min=1, max=9):two>", (values) => ({ ...values }));
  app.get("/float/<float:one>", ({ one }) => ({ one }));
  app.get("/uuid/<uuid:id>", ({ id }) => ({ id }));
  app.get("/any/<any(a, b):kind>/", ({ kind }) => ({ kind }));
  app.get("/path/<path:rest>/end", ({ rest }, request) => ({
    rest,
    again: urlFor("index", { q: rest, _anchor: rest }),
    args: [...request.args],
  }));
  app.get("/mixed/<one>-<two>.<path:three>", (values) => values);
  app.get("/say/<text>", function say({ text }) {
    return html`<p title="${text}">${text}<a href="/say/${encodeURIComponent(text)}">again</a></p>`;
  });
  app.get("/host", { host: "<tenant>.api.example" }, ({ tenant }) => html`<p>${tenant}</p>`);
  app.get("/host", { host: "<path:all>.deep.example:8000" }, ({ all }) => ({ all }));
  app.get("/redirect", (_, request) => redirect(safeNext(request.args.get("next"), "/say/x")));
  app.get("/head", (_, request) => describe(request));
  app.get("/abort/<int(min=400, max=499):status>", ({ status }, request) => abort(status, request.query));
  app.get("/page", (_, request) => renderTemplate("page.xml", valuesOf(request)));
  app.get("/stream", (_, request) => streamTemplate("page.xml", valuesOf(request)));
  app.get("/nonce", () => html`<script nonce="${cspNonce()}"></script>`);
}

function valuesOf({ args }: HttpRequest): Record<string, unknown> {
  return { u: args.get("u") ?? "", title: args.get("title"), values: Object.fromEntries(args) };
}

/** Everything that the head of a request says, by every parser. */
function describe(request: HttpRequest): object {
  const { acceptMimetypes, acceptLanguages, acceptEncodings, acceptCharsets, authorization, range } = request;
  return {
    best: acceptMimetypes.bestMatch(["text/html", "application/json"]),
    language: acceptLanguages.bestMatch(["en", "de-AT"]),
    encoding: acceptEncodings.bestMatch(["gzip"]),
    charset: acceptCharsets.bestMatch(["utf-8"]),
    authorization: authorization && { ...authorization, parameters: [...authorization.parameters] },
    range: range?.select(1_000) ?? null,
    match: request.ifMatch && [...request.ifMatch],
    none: request.ifNoneMatch && [...request.ifNoneMatch],
    since: [request.ifModifiedSince, request.ifUnmodifiedSince, request.ifRange],
    cache: request.cacheControl.maxAge ?? null,
    cookies: [...request.cookies],
    type: request.contentType && [request.mimetype, request.isJSON, [...request.contentType.parameters]],
    where: [request.url, request.fullPath, request.host, request.scheme, request.remoteAddress, clientAddress(request)],
    length: request.contentLength ?? null,
    args: [...request.args],
    node: nodeRequest().headers,
  };
}

function addForms(app: Pottle): void {
  app.post("/open/json", async (_, request) => ({ got: await request.json() }));
  app.post("/open/silent", async (_, request) => [(await request.json({ silent: true, force: true })) ?? null]);
  app.post("/open/form", async (_, request) => {
    const { fields, files } = await request.form({ maxParts: 50, memory: 100 });
    return {
      fields: [...fields],
      files: await Promise.all(
        Array.from(files, async (file) => [file.name, file.filename, file.contentType, await file.text()]),
      ),
    };
  });
  app.post("/open/values", async (_, request) => ({ values: Object.fromEntries(await request.values()) }));
  app.post("/open/text", async (_, request) => new TextEncoder().encode(await request.text()));
  app.post("/open/echo", (_, request) => request.body);
  app.post("/open/page", async (_, request) => {
    const { fields } = await request.form();
    return await renderTemplate("page.xml", { u: fields.get("u") ?? "", values: Object.fromEntries(fields) });
  });
  app.post("/open/data", async (_, request) => {
    const values = await request.json({ silent: true, force: true });
    return await renderTemplate("page.xml", { u: request.query, values: Object(values ?? {}) as unknown });
  });
}

function addFiles(app: Pottle): void {
  app.get("/file", () => sendFile(join(site, "static", "numbers.txt")));
  app.get("/bytes", () =>
    sendFile(new TextEncoder().encode("0123456789".repeat(20)), { etag: "ten", mimetype: "text/plain" }),
  );
  app.get("/download", (_, request) =>
    sendFile(join(site, "static", "a.css"), { asAttachment: true, downloadName: request.args.get("name") || "x" }),
  );
  app.get("/from/<path:name>", ({ name }) => sendFromDirectory(join(site, "static"), name));
  const files = staticFiles(join(site, "static"), { precompressed: true });
  app.get("/files/", files);
  app.get("/files/<path:path>", files);
}

function addUsers(app: Pottle): void {
  app.get(
    "/login",
    (_, request) => html`<form><input name="csrf_token" value="${csrfToken()}" />
    <input name="next" value="${request.args.get("next")}" />${getFlashedMessages()}</form>`,
  );
  app.post("/login", async (_, request) => {
    const { fields } = await request.form();
    const name = fields.get("name");
    if (name === null || name === "") abort(400, "no name");
    loginUser(name);
    session<Record<string, unknown>>().set("names", Object.fromEntries(fields));
    flash(`Hello ${name}`, fields.get("category") ?? "message");
    return redirect(safeNext(fields.get("next")));
  });
  app.post("/open/flash", async (_, request) => {
    for (const [name, value] of await request.values()) flash(value, name);
    return redirect("/login");
  });
  app.post("/logout", () => {
    logoutUser();
    return redirect("/");
  });
  app.get(
    "/me",
    loginRequired(() => html`<p>${currentUser()?.id} ${JSON.stringify(session().get("names"))}</p>`),
  );
  app.get("/who", () => ({ id: currentUser()?.id ?? null }));
  app.get(
    "/basic",
    basicAuthRequired({ check: (name, word) => name === word }, () => "in"),
  );
  app.post(
    "/hook",
    csrfExempt(() => "Thanks"),
  );
}

function addStreams(app: Pottle, broadcast: Broadcast<string>): void {
  app.get("/events", (_, request) =>
    sse(async function* (last) {
      yield { data: request.args.get("data") ?? "", comment: request.args.get("comment") ?? "" };
      yield { data: { last: last ?? null, args: [...request.args] } };
    }),
  );
  app.get("/pieces", async function* (_, request) {
    for (const [name, value] of request.args) yield html`<p>${name}=${value}</p>`;
  });
  app.websocket("/socket", async (_, socket) => {
    for await (const message of socket) await socket.send(message);
  });
  app.websocket("/json", async (_, socket) => {
    for (;;) await socket.sendJson({ got: await socket.receiveJson() });
  });
  app.websocket("/topic/<name>", async ({ name }, socket) => {
    using subscription = broadcast.subscribe(name);
    await broadcast.publish(name, await socket.receive().then(String));
    for await (const message of subscription) {
      await socket.send(message);
      break;
    }
  });
}

function addOthers(app: Pottle, store: MemoryRateLimitStore): void {
  const limited = rateLimit(2, 60_000, { store, name: "fuzz", key: ({ headers }) => headers.get("x-key") });
  app.get(
    "/limited",
    limited.wrap(() => "x"),
  );
  const outer = new Blueprint("outer", { prefix: "/outer/<any(en, de):lang>" });
  const inner = new Blueprint("inner", { prefix: "/inner", staticFolder: "static" });
  inner.urlValuePreprocessor((_, values) => {
    g<Record<string, unknown>>()["lang"] = values["lang"];
  });
  inner.get("/<word>", ({ word }) => {
    afterThisRequest((response) => response);
    return html`<p lang="${word}">${word}</p>`;
  });
  outer.register(inner);
  app.register(outer);
  app.mount(
    "/node",
    fromNodeHandler((request, response) => {
      response.setHeader("Content-Type", "application/json");
      response.end(JSON.stringify({ url: request.url, headers: request.headers }));
    }),
  );
  const other = new Pottle({ dirname: site });
  cookieAuth(other, { secretKey, loginPath: "/login" });
  other.get("/who", () => ({ id: currentUser()?.id ?? null }));
  other.get(
    "/me",
    loginRequired(() => "in"),
  );
  other.get("/<path:all>", ({ all }, request) => ({ all, url: request.url }));
  app.mount("/mounted", other);
}
