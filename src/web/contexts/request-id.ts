import { ambient } from "../../asyncio/index.ts";
import type { HttpRequest } from "../message/http-request.ts";

/** Finds the id of a request; `undefined` if it has none. */
export type RequestIdReader = (request: HttpRequest) => string | undefined;

const slot = ambient<{ read: RequestIdReader | undefined }>("web.requestId", () => ({ read: undefined }));

/** Says how the id of a request is found, for those who do not know where ids come from: the lines of a log. */
export function readRequestIdsBy(read: RequestIdReader): void {
  slot.read = read;
}

/** The id of a request; `undefined` if it has none. */
export function requestIdOf(request: HttpRequest): string | undefined {
  return slot.read?.(request);
}
