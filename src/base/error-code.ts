/**
 * @internal The error code from the system or a driver, such as `ECONNREFUSED`; for an aggregate of errors, that of the
 * first. `undefined` if there is no code, or if the code is not a string.
 */
export function codeOf(error: unknown): string | undefined {
  const seen = new Set<unknown>();
  let current = error;
  while (current instanceof AggregateError && !hasCode(current) && !seen.has(current)) {
    seen.add(current);
    const errors: readonly unknown[] = current.errors;
    current = errors[0];
  }
  return hasCode(current) ? current.code : undefined;
}

function hasCode(error: unknown): error is { code: string } {
  return error instanceof Error && "code" in error && typeof error.code === "string";
}
