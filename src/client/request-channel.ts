import { tracingChannel } from "node:diagnostics_channel";
import { type OperationMessage, traceOperation } from "../base/traced-operation.ts";
import type { OutgoingRequest } from "./request.ts";
import type { HeaderList } from "../http/index.ts";

/**
 * The message of the tracing channel `pottle:client:request`: one request on the network. A redirect that is followed
 * is another one. It ends when the head of the response has arrived; the result is the `ClientResponse`.
 */
export interface ClientRequestMessage extends OperationMessage {
  /** The method. */
  readonly method: string;
  /** The URL, without user name and password. */
  readonly url: URL;
  /** The headers. A subscriber of the start may set some. */
  readonly headers: HeaderList;
  /** How many redirects led to this request. */
  readonly redirects: number;
}

const requests = tracingChannel<OperationMessage>("pottle:client:request");

/** @internal Sends a request, and tells subscribers of it if there are any. */
export function sendTraced<T>(request: OutgoingRequest, redirects: number, send: () => Promise<T>): Promise<T> {
  if (!requests.hasSubscribers) return send();
  const { method, url, headers } = request;
  const message: ClientRequestMessage = { method, url, headers, redirects };
  return traceOperation(requests, message, send);
}
