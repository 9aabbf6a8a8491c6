// Sessions in the cookie itself, in Flask's format: tagged JSON, signed as itsdangerous does it, salt "cookie-session".

import type { HeaderList } from "../../http/index.ts";
import type { RequestContext } from "../message/context.ts";
import type { HttpRequest } from "../message/http-request.ts";
import { BadData } from "../security/signature-errors.ts";
import { URLSafeTimedSerializer } from "../security/url-safe-timed-serializer.ts";
import { refusalOf, type SessionBackend } from "./session-backend.ts";
import { addVaryCookie, SessionCookie } from "./session-cookie.ts";
import type { SessionSettings } from "./session-options.ts";
import { Session } from "./session.ts";

/** The text is written and read by the session: it compares what it was with what it is. */
const asItIs = { dumps: String, loads: (text: string): string => text };

/** @internal Sessions in a signed cookie. */
export class CookieBackend implements SessionBackend {
  readonly #settings: SessionSettings;
  readonly #serializer: URLSafeTimedSerializer;
  readonly #cookie: SessionCookie;

  constructor(settings: SessionSettings) {
    this.#settings = settings;
    this.#cookie = new SessionCookie(settings);
    this.#serializer = new URLSafeTimedSerializer(settings.secretKeys, {
      salt: "cookie-session",
      digest: settings.digest,
      keyDerivation: "hmac",
      serializer: asItIs,
    });
  }

  open(context: RequestContext): Session {
    return new Session({ text: this.#read(context.request), refusal: refusalOf(context) });
  }

  #read(request: HttpRequest): string | undefined {
    const value = this.#cookie.read(request);
    if (value === undefined) return undefined;
    try {
      return this.#serializer.loads(value, { maxAge: this.#settings.lifetime }) as string;
    } catch (error) {
      if (error instanceof BadData) return undefined;
      throw error;
    }
  }

  finish(session: Session, request: HttpRequest, headers: HeaderList): void {
    addVaryCookie(headers);
    const isRefreshed = session.permanent && this.#settings.refreshEachRequest;
    const isModified = session.modified;
    const text = session.seal();
    if (session.size === 0) {
      if (isModified) this.#cookie.remove(headers, request);
    } else if (isModified || isRefreshed) {
      this.#cookie.write(headers, request, this.#serializer.dumps(text), session.permanent);
    }
  }

  issue(text: string): string {
    return this.#cookie.pair(this.#serializer.dumps(text));
  }
}
