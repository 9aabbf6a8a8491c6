import {
  ClientConnectionError,
  ClientConnectorError,
  ClientError,
  ClientPayloadError,
  InvalidResponseError,
  type RequestInfo,
  ServerDisconnectedError,
} from "./errors.ts";

/** How far a request had come. */
export type Stage = "connect" | "headers" | "body";

interface Failure extends Error {
  readonly code?: string;
  readonly errors?: readonly Error[];
}

/** What a failure of undici's, or of the network's, means for the one who asked. */
export function explain(request: RequestInfo, failure: Failure, stage: Stage): ClientError {
  const { code = "" } = failure;
  const options = { cause: failure };
  const cannot = `Cannot ${request.method} ${request.url}`;
  if (cannotBeSent.has(code))
    return new ClientError(request, `${cannot} as it cannot be sent: ${failure.message}`, options);
  if (code === "UND_ERR_HEADERS_OVERFLOW") {
    return new InvalidResponseError(
      request,
      `${cannot} as the head of its response is too large: limit is 16 KiB`,
      options,
    );
  }
  if (stage === "body") {
    const reading = `Cannot read the body of ${request.method} ${request.url}`;
    return new ClientPayloadError(request, `${reading} as it broke off: ${detailOf(failure)}`, options);
  }
  if (failure.name === "HTTPParserError" || code === "UND_ERR_RES_CONTENT_LENGTH_MISMATCH") {
    return new InvalidResponseError(request, `${cannot} as its response is not HTTP: ${detailOf(failure)}`, options);
  }
  if (code === "" || code.startsWith("UND_MOCK_ERR")) {
    return new ClientConnectionError(request, `${cannot} as the dispatcher failed: ${detailOf(failure)}`, options);
  }
  if (stage === "connect") return new ClientConnectorError(request, code, detailOf(failure), options);
  return new ServerDisconnectedError(request, detailOf(failure), options);
}

const cannotBeSent: ReadonlySet<string> = new Set([
  "UND_ERR_INVALID_ARG",
  "UND_ERR_NOT_SUPPORTED",
  "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH",
]);

// Several addresses were tried, each has its own error, and the whole says nothing.
function detailOf(failure: Failure): string {
  const { errors = [], message, code = "" } = failure;
  if (errors.length > 0) return [...new Set(errors.map((error) => error.message))].join(", ");
  return message === "" ? code : message;
}
