// The first sentence of a doc comment, which says what a symbol is or does.

/**
 * The first sentence of a doc comment without stars, on one line; names that it links to are code. Empty if the comment
 * begins with a tag.
 */
export function firstSentence(comment: string): string {
  const [paragraph = ""] = `\n${comment.replace(/^@internal\s+/, "")}`.split(/\n\s*\n\s*\S|(?:\n|\s)@(?:\w)/);
  const text = withoutLinks(paragraph).replace(/\s+/g, " ").trim();
  return text.slice(0, endOf(text)).replace(/:$/, ".");
}

/** What the `@default` tag of a comment says, if it has one. */
export function defaultOf(comment: string): string | undefined {
  const value = /@default\s+(.*)/.exec(comment)?.[1];
  return value === undefined ? undefined : withoutLinks(value).trim();
}

function withoutLinks(text: string): string {
  return text.replace(/\{@link\s+([^}\s]+)[^}]*\}/g, "`$1`");
}

/** Where the first sentence ends: behind a full stop outside of code, before a space or the end. */
function endOf(text: string): number {
  let inCode = false;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "`") inCode = !inCode;
    if (inCode || !".?!".includes(text[at]!)) continue;
    const closed = /^[)"”]*(?=$| (?:[A-Z0-9`"“(]|[a-z]\w*[A-Z(]))/.exec(text.slice(at + 1));
    if (closed !== null) return at + 1 + closed[0].length;
  }
  return text.length;
}
