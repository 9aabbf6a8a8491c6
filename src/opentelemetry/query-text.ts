/** How many characters of a query a span has at most. */
const longestText = 4_096;

// What may have a quote in it without being a literal comes first: comments and quoted names. Each alternative also ends
// at the end of the text, so that each character is looked at once for each alternative at most.
const tokens = new RegExp(
  [
    /--[^\n]*/, // a comment
    /\/\*[^]*?(?:\*\/|$)/, // another kind of comment
    /"(?:[^"]|"")*(?:"|$)/, // a quoted name
    /\b[eE]'(?:[^'\\]|\\[^]|'')*(?:'|\\?$)/, // a string with backslash escapes
    /'(?:[^']|'')*(?:'|$)/, // a string
    /\$(?<tag>(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?)\$[^]*?(?:\$\k<tag>\$|$)/, // a dollar-quoted string
    /(?<![\w$\u0080-\uffff])\d[\w.]*/, // a number, but not that of a parameter, nor the end of a name
  ]
    .map(({ source }) => source)
    .join("|"),
  "g",
);

/**
 * The text of an SQL query with `?` in place of its literals, which may be personal data. Comments are left out. A text
 * of more than 4,096 characters is cut first. Of `select 1 from city where name = 'Graz' and people > $1` it makes
 * `select ? from city where name = ? and people > $1`.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/db/database-spans/#sanitization-of-dbquerytext
 */
export function withoutLiterals(text: string): string {
  const whole = text.length > longestText ? text.slice(0, longestText) : text;
  return whole.replace(tokens, (token) => {
    if (token.startsWith('"')) return token;
    return token.startsWith("--") || token.startsWith("/*") ? "" : "?";
  });
}
