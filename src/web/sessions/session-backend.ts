import type { HeaderList } from "../../http/index.ts";
import type { RequestContext } from "../message/context.ts";
import type { HttpRequest } from "../message/http-request.ts";
import { SocketContext } from "../websocket/socket-context.ts";
import type { Session } from "./session.ts";

/** @internal Where the sessions of an application are kept. */
export interface SessionBackend {
  /** The session of a request, made when it is first asked for. @throws {InvalidStateError} If it is too early. */
  open(context: RequestContext): Session;
  /** Saves it, if it has changed, and adds headers to the response. It may be called again, for another response. */
  finish(session: Session, request: HttpRequest, headers: HeaderList): void | Promise<void>;
  /** Makes a session of a tagged JSON. Returns its cookie, as a browser sends it. */
  issue(text: string): string | Promise<string>;
}

/** @internal Why the session of a request cannot be changed; `undefined` if it can. */
export function refusalOf(context: RequestContext): () => string | undefined {
  if (context instanceof SocketContext) return () => "a WebSocket can only read it";
  return () => (context.request.responded ? "its response has begun" : undefined);
}
