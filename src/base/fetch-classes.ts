// Node loads the classes of fetch when one of their names is first read, which takes a quarter of the start time of a
// server. So an object's tag is checked first: it rules most objects out without loading the classes.

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
