import type { HeaderList } from "../../http/index.ts";
import type { RequestContext } from "../message/context.ts";
import type { HttpRequest } from "../message/http-request.ts";
import type { Session, SessionSource } from "./session.ts";

/** @internal Where the sessions of an application are kept. */
export interface SessionBackend {
  /** Loads what `open` needs of a request; `undefined` if there is nothing to load. */
  prepare?(request: HttpRequest): Promise<void> | undefined;
  /** The session of a request, made when it is first asked for. @throws {InvalidStateError} If it is too early. */
  open(context: RequestContext): Session;
  /** Saves it, if it has changed, and adds headers to the response. It may be called again, for another response. */
  finish(session: Session, request: HttpRequest, headers: HeaderList): void | Promise<void>;
  /** Makes a session of a tagged JSON. Returns its cookie, as a browser sends it. */
  issue(text: string): string | Promise<string>;
}

/** @internal Why the session of a request cannot be changed; `undefined` if it can. */
export function refusalOf({ request, isSocket }: RequestContext): SessionSource["refusal"] {
  const tooLate = isSocket ? "its WebSocket was accepted or refused: change it before that" : "its response has begun";
  return (isSealed) => (isSealed || request.responded ? tooLate : undefined);
}
