import { ambient, InvalidStateError } from "../../asyncio/index.ts";
import { SetupError } from "../errors/setup-error.ts";
import { type AppInfo, type RequestContext, requireApp, requireRequest } from "../message/context.ts";
import type { HttpRequest } from "../message/http-request.ts";
import { LazyMapping } from "../jinja/lazy-mapping.ts";
import { templatesOf } from "../templates/template-setup.ts";
import { CookieBackend } from "./cookie-backend.ts";
import type { SessionBackend } from "./session-backend.ts";
import { checkSessionOptions, type SessionOptions } from "./session-options.ts";
import { Session, type SessionData } from "./session.ts";
import { encodeTagged } from "./tagged-json.ts";
import { StoreBackend } from "./store-backend.ts";

/** The part of an application that {@link sessions} needs. */
export interface SessionApplication extends AppInfo {
  /** Registers a function to run before each request. */
  beforeRequest(fn: (request: HttpRequest) => Promise<void> | undefined): void;
  /** Registers a function to run before each WebSocket. */
  beforeWebsocket(fn: (socket: { readonly request: HttpRequest }) => Promise<void> | undefined): void;
}

const backends = ambient("web.sessions.backends", () => new WeakMap<object, SessionBackend>());
const opened = ambient("web.sessions.opened", () => new WeakMap<RequestContext, Session>());

/**
 * Gives an application sessions: in a signed cookie, in Flask's format, or on the server with `store`. Call it before the
 * hooks that use `session()` are registered. A request that does not use its session costs nothing; with a store, one that
 * came with the cookie costs the loading.
 *
 * @throws {TypeError} If an option has a wrong type, or a browser would refuse such a cookie.
 * @throws {RangeError} If an option is out of range.
 * @throws {SetupError} If the application has sessions already, or, with a `store`, has begun to answer requests.
 * @example
 * const app = new Pottle(import.meta);
 * sessions(app, { secretKey: "a long random secret" });
 * app.get("/", () => {
 *   const visits = Number(session().get("visits") ?? 0) + 1;
 *   session().set("visits", visits);
 *   return `Visit ${visits}`;
 * });
 * const client = app.testClient();
 * const first = await client.get("/");
 * const [cookie = ""] = (first.headers.get("set-cookie") ?? "").split(";");
 * console.log((await client.get("/", { headers: { cookie } })).text()); // Visit 2
 * @see https://flask.palletsprojects.com/en/stable/quickstart/#sessions
 */
export function sessions(app: SessionApplication, options: SessionOptions = {}): void {
  requireApp("set up sessions", app);
  const settings = checkSessionOptions(options);
  if (backends.has(app)) throw new SetupError("Cannot set up sessions as the application has them already");
  giveToTemplates(app);
  if (settings.secretKeys.length === 0) return;
  if (options.store === undefined) {
    backends.set(app, new CookieBackend(settings));
    return;
  }
  const backend = new StoreBackend(settings, options.store);
  app.beforeRequest((request) => backend.prepare(request));
  app.beforeWebsocket(({ request }) => backend.prepare(request));
  backends.set(app, backend);
}

/** Templates find `session` and the flashed messages; the session is opened when they look at it. */
function giveToTemplates(app: AppInfo): void {
  const { globals } = templatesOf(app);
  const messages = async (...args: readonly unknown[]): Promise<unknown> =>
    (await import("./_template-globals.ts")).flashedMessages(args);
  globals.set("get_flashed_messages", messages);
  globals.set("getFlashedMessages", messages);
  globals.set("session", new LazyMapping((name) => session<Record<string, unknown>>().get(name)));
}

/**
 * The session of the request that is being answered, which may be one for a WebSocket: that can change it until it is
 * accepted. In an application without a secret key it is empty and cannot be changed. `T` is the caller's word; declare the keys of {@link SessionData} once instead.
 *
 * @throws {InvalidStateError} If there is no request, or a session of a store was not loaded yet.
 * @example
 * const app = new Pottle(import.meta);
 * app.get("/", () => String(session<{ user: string }>().get("user")));
 * console.log((await app.testClient().get("/")).text()); // undefined
 */
export function session<T extends object = SessionData>(): Session<T> {
  const context = requireRequest("session()");
  return (opened.get(context) ?? openSession(context)) as Session<T>;
}

/**
 * Makes a session with values, for tests. Returns its cookie, for the header `Cookie` of a test client. With
 * {@link sessionAuth}, `{ _user_id: "ada" }` is a login.
 *
 * @throws {InvalidStateError} If the application has no sessions, or no secret key.
 * @throws {TypeError} If a value is one that a session cannot have.
 * @example
 * const app = new Pottle(import.meta);
 * sessions(app, { secretKey: "a long random secret" });
 * app.get("/", () => ({ user: session().get("user") }));
 * const cookie = await createSessionCookie(app, { user: "ada" });
 * console.log((await app.testClient().get("/", { headers: { cookie } })).text()); // {"user":"ada"}
 */
export async function createSessionCookie(app: SessionApplication, values: object): Promise<string> {
  const backend = backends.get(app);
  if (backend !== undefined) return await backend.issue(encodeTagged({ ...values }));
  throw new InvalidStateError(
    "Cannot make a session as its application has no secret key: call sessions(app, …) first",
  );
}

/** @internal Where the sessions of an application are kept; `undefined` if it has none, or no secret key. */
export function sessionBackendOf(app: object): SessionBackend | undefined {
  return backends.get(app);
}

function openSession(context: RequestContext): Session {
  const backend = backends.get(context.app);
  const { request } = context;
  const current = backend === undefined ? keyless() : backend.open(context);
  opened.set(context, current);
  if (backend !== undefined) {
    (context.finishers ??= []).push((headers) => backend.finish(current, request, headers));
  }
  return current;
}

function keyless(): Session {
  const reason = "its application has no secret key: call sessions(app, { secretKey })";
  return new Session({ text: undefined, refusal: () => reason });
}
