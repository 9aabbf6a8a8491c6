import { callExceptionHandler } from "../../asyncio/index.ts";
import type { HTTPError } from "../errors/http-error.ts";
import type { JSONSource } from "../message/json-provider.ts";

/**
 * The members of a problem: those of the RFC, and the extensions of the error, which cannot replace them.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9457#section-3
 */
export function problemMembers({ type, title, status, detail, instance, extensions }: HTTPError): object {
  const own = { type, title, status, detail, ...(instance === undefined ? {} : { instance }) };
  return { ...own, ...extensions, ...own };
}

/** A problem as JSON. Extensions that JSON cannot have are reported and left out. */
export function problemBody(error: HTTPError, { json }: JSONSource): string {
  try {
    return json.dumps(problemMembers(error));
  } catch (failure) {
    callExceptionHandler({ message: "Cannot send the extensions of an HTTPError", error: failure });
    const { type, title, status, detail } = error;
    return JSON.stringify({ type, title, status, detail });
  }
}
