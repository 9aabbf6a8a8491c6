/** Makes a value of the text of a variable. Where it throws, the text itself is the value. */
export type ValueParser = (text: string) => unknown;

/**
 * Parses a text as JSON. A whole number that JavaScript cannot hold exactly, such as a long account number, stays text.
 *
 * @throws {SyntaxError} If it is not JSON.
 */
export function parseValue(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (typeof value === "number" && /^\s*-?\d+\s*$/.test(text) && !Number.isSafeInteger(value)) return text;
  return value;
}

/** The value of a text, or the text where the parser throws. */
export function valueOf(text: string, loads: ValueParser): unknown {
  try {
    return loads(text);
  } catch {
    // Not what the parser reads: then it is plain text.
    return text;
  }
}
