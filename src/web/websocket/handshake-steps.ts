import type { RawHeaders } from "../../http/index.ts";
import type { HttpResponse } from "../message/http-response.ts";

/** The application's part in the answer to the request for a WebSocket. */
export interface HandshakeSteps {
  /** Adds what a session or a login adds to the headers; `undefined` if nothing does. */
  finish(headers: RawHeaders): Promise<RawHeaders> | undefined;
  /** Runs once it is accepted. */
  onAccept(): void;
  /** Refuses it with a response. */
  refuse(response: HttpResponse): Promise<void>;
}
