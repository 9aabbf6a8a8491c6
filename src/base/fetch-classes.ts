// The classes of Node's fetch are loaded when their name is first read, which costs a server a quarter of its start. An
// object that is none of them says so by its tag, without that.

/** @internal Whether a value is a `Response`. */
export function isResponse(value: unknown): value is Response {
  return tagOf(value) === "[object Response]" && value instanceof Response;
}

/** @internal Whether a value is a `Headers`. */
export function isHeaders(value: unknown): value is Headers {
  return tagOf(value) === "[object Headers]" && value instanceof Headers;
}

function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value);
}
