const maxDepth = 10;
const maxErrors = 20;

/** An error as it stands in a line of JSON. */
export interface ErrorDetails {
  readonly type: string;
  readonly message: string;
  readonly stack: string;
  readonly code?: unknown;
  readonly cause?: unknown;
  readonly errors?: readonly unknown[];
}

/** Takes an error apart, with its causes and the errors that it is made of. Whatever else is thrown stays as it is. */
export function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, stack = `${name}: ${message}`, cause } = error;
  const { code } = error as { code?: unknown };
  const deeper = depth < maxDepth;
  const details: ErrorDetails = {
    type: name,
    message,
    stack,
    ...(code !== undefined && { code }),
    ...(cause !== undefined && deeper && { cause: describeError(cause, depth + 1) }),
    ...(error instanceof AggregateError &&
      deeper && { errors: error.errors.slice(0, maxErrors).map((part) => describeError(part, depth + 1)) }),
  };
  return details;
}

/** The lines of the stack of an error, and of those of its causes. */
export function stackLines(error: unknown, depth = 0, role = ""): string[] {
  if (!(error instanceof Error)) return [`${role}${String(error)}`];
  const { name, message, stack = `${name}: ${message}`, cause } = error;
  const lines = `${role}${stack}`.split(/\r\n|\r|\n/);
  if (depth >= maxDepth) return lines;
  if (cause !== undefined) lines.push(...stackLines(cause, depth + 1, "caused by "));
  if (error instanceof AggregateError)
    for (const part of error.errors.slice(0, maxErrors)) lines.push(...stackLines(part, depth + 1, "with "));
  return lines;
}
