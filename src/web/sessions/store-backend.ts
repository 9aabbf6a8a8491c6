// Sessions in a store on the server. The cookie has a signed id:
//
//   request   cookie ── signature ── load ── hooks, view …          no cookie, or a forged one: the store is not asked
//   response  … ── create, replace, touch or delete ── Set-Cookie
//
// An id is made by the application only: one that the store does not know is not taken over, so that a user cannot be given
// a session whose id another knows. A session that has ended meanwhile, by another request, is not brought back.

import { randomBytes } from "node:crypto";
import { InvalidStateError } from "../../asyncio/index.ts";
import type { HeaderList } from "../../http/index.ts";
import type { RequestContext } from "../message/context.ts";
import type { HttpRequest } from "../message/http-request.ts";
import { BadData } from "../security/signature-errors.ts";
import { URLSafeTimedSerializer } from "../security/url-safe-timed-serializer.ts";
import { refusalOf, type SessionBackend } from "./session-backend.ts";
import { addVaryCookie, SessionCookie } from "./session-cookie.ts";
import type { SessionSettings } from "./session-options.ts";
import type { SessionStore } from "./session-store.ts";
import { Session } from "./session.ts";

/** A session that a request came with. */
interface Loaded {
  readonly id: string;
  readonly text: string;
}

/** The cookie that a response sets. */
type CookieChange = { readonly kind: "none" | "remove" } | { readonly kind: "write"; readonly id: string };

const idSyntax = /^[\w-]{43}$/;

/** @internal Sessions in a store. */
export class StoreBackend implements SessionBackend {
  readonly #settings: SessionSettings;
  readonly #store: SessionStore;
  readonly #serializer: URLSafeTimedSerializer;
  readonly #cookie: SessionCookie;
  /** The sessions of requests that came with the id of one. */
  readonly #loaded = new WeakMap<HttpRequest, Loaded>();
  /** The requests whose session was looked for. */
  readonly #prepared = new WeakSet<HttpRequest>();
  /** What has been saved: another response to the same request gets the same cookie. */
  readonly #saved = new WeakMap<Session, CookieChange>();

  constructor(settings: SessionSettings, store: SessionStore) {
    this.#settings = settings;
    this.#store = store;
    this.#cookie = new SessionCookie(settings);
    const { secretKeys, digest } = settings;
    this.#serializer = new URLSafeTimedSerializer(secretKeys, { salt: "session-id", digest, keyDerivation: "hmac" });
  }

  /** Loads the session of a request, if it came with the id of one. */
  prepare(request: HttpRequest): Promise<void> | undefined {
    const id = this.#readId(request);
    return id === undefined ? undefined : this.#load(request, id);
  }

  async #load(request: HttpRequest, id: string): Promise<void> {
    const text = await this.#store.load(id);
    this.#prepared.add(request);
    if (text !== undefined) this.#loaded.set(request, { id, text });
  }

  open(context: RequestContext): Session {
    const { request } = context;
    if (!this.#prepared.has(request) && this.#readId(request) !== undefined) {
      const must = "it is loaded from its store before the hooks that were registered after sessions()";
      throw new InvalidStateError(`Cannot use session() now as ${must}: it was not loaded yet`);
    }
    return new Session({ text: this.#loaded.get(request)?.text, refusal: refusalOf(context) });
  }

  #readId(request: HttpRequest): string | undefined {
    const value = this.#cookie.read(request);
    if (value === undefined) return undefined;
    try {
      const id = this.#serializer.loads(value);
      return typeof id === "string" && idSyntax.test(id) ? id : undefined;
    } catch (error) {
      if (error instanceof BadData) return undefined;
      throw error;
    }
  }

  async finish(session: Session, request: HttpRequest, headers: HeaderList): Promise<void> {
    addVaryCookie(headers);
    const change = this.#saved.get(session) ?? (await this.#save(session, this.#loaded.get(request)?.id));
    this.#saved.set(session, change);
    if (change.kind === "remove") this.#cookie.remove(headers, request);
    if (change.kind === "write") {
      this.#cookie.write(headers, request, this.#serializer.dumps(change.id), session.permanent);
    }
  }

  async #save(session: Session, id: string | undefined): Promise<CookieChange> {
    const isModified = session.modified;
    const text = session.seal();
    if (session.size === 0) return this.#end(isModified ? id : undefined);
    if (id === undefined || session.isRegenerated) return this.#create(text, id);
    const { lifetime, refreshEachRequest } = this.#settings;
    if (isModified) await this.#store.replace(id, text, lifetime);
    else if (refreshEachRequest) await this.#store.touch(id, lifetime);
    return session.permanent && (isModified || refreshEachRequest) ? { kind: "write", id } : { kind: "none" };
  }

  async #end(id: string | undefined): Promise<CookieChange> {
    if (id === undefined) return { kind: "none" };
    await this.#store.delete(id);
    return { kind: "remove" };
  }

  async #create(text: string, oldId: string | undefined): Promise<CookieChange> {
    const id = await this.#createNew(text);
    if (oldId !== undefined) await this.#store.delete(oldId);
    return { kind: "write", id };
  }

  async #createNew(text: string): Promise<string> {
    const id = randomBytes(32).toString("base64url");
    await this.#store.create(id, text, this.#settings.lifetime);
    return id;
  }

  async issue(text: string): Promise<string> {
    return this.#cookie.pair(this.#serializer.dumps(await this.#createNew(text)));
  }
}
