/**
 * Splits the value of a header at a separator, except within quoted strings. Parts are trimmed, and empty ones left out.
 * A quoted string that does not end goes to the end of the text.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-5.6.4
 */
export function splitQuoted(text: string, separator: "," | ";"): string[] {
  if (!text.includes('"')) return text.split(separator).map(trim).filter(Boolean);
  const parts: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') isQuoted = !isQuoted;
    else if (character === "\\" && isQuoted) at++;
    else if (character === separator && !isQuoted) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts.map(trim).filter(Boolean);
}

function trim(text: string): string {
  return text.trim();
}

/** The content of a quoted string; any other text as it is. */
export function unquote(text: string): string {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text;
  return text.slice(1, -1).replace(/\\([^])/g, "$1");
}

/** A text as a token if it is one, else as a quoted string. */
export function quoteIfNeeded(text: string): string {
  return /^[!#$%&'*+\-.^_`|~\w]+$/.test(text) ? text : `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/**
 * Reads `name=value` parameters, separated by commas or semicolons. Names are in lower case; of several values of a name the
 * first is kept.
 */
export function parseParameters(parts: readonly string[]): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const part of parts) {
    const mark = part.indexOf("=");
    const name = (mark < 0 ? part : part.slice(0, mark)).trim().toLowerCase();
    if (name !== "" && !parameters.has(name))
      parameters.set(name, mark < 0 ? "" : unquote(part.slice(mark + 1).trim()));
  }
  return parameters;
}
