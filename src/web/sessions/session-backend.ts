import type { HeaderList } from "../../http/index.ts";
import type { HttpRequest } from "../message/http-request.ts";
import type { Session } from "./session.ts";

/** @internal Where the sessions of an application are kept. */
export interface SessionBackend {
  /** The session of a request, made when it is first asked for. @throws {InvalidStateError} If it is too early. */
  open(request: HttpRequest): Session;
  /** Saves it, if it has changed, and adds headers to the response. It may be called again, for another response. */
  finish(session: Session, request: HttpRequest, headers: HeaderList): void | Promise<void>;
  /** Makes a session of a tagged JSON. Returns its cookie, as a browser sends it. */
  issue(text: string): string | Promise<string>;
}

/** @internal Why the session of a request cannot be changed; `undefined` if it can. */
export function refusalOf(request: HttpRequest): () => string | undefined {
  return () => (request.responded ? "its response has begun" : undefined);
}
