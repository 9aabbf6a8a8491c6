import type { HeaderList } from "../http/index.ts";
import type { RequestInfo } from "./errors.ts";
import type { BodyStream } from "./_upload.ts";

/** What is sent as a body: the same as often as needed, but for a stream. */
export type OutgoingBody = string | Uint8Array | BodyStream | undefined;

/** A request, ready to be sent. */
export interface OutgoingRequest {
  readonly info: RequestInfo;
  readonly method: string;
  /** Where to, without user and password. */
  readonly url: URL;
  readonly headers: HeaderList;
  readonly body: OutgoingBody;
}

/** Whether a body can be sent only once. */
export function isStream(body: OutgoingBody): body is BodyStream {
  return typeof body === "object" && !(body instanceof Uint8Array);
}
