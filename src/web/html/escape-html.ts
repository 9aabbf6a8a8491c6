const special = /[&<>"']/g;

/**
 * Makes text safe to stand in HTML, in an element as well as in a quoted attribute.
 *
 * @see html, which does it by itself.
 * @example
 * console.log(escapeHtml("<b> & 'c'")); // &#60;b&#62; &#38; &#39;c&#39;
 */
export function escapeHtml(text: string): string {
  return text.replace(special, encodeCharacter);
}

/** Makes HTML safe to stand in a quoted attribute: its own quotes could end that. */
export function escapeQuotes(html: string): string {
  return html.replace(/["']/g, encodeCharacter);
}

function encodeCharacter(character: string): string {
  return `&#${character.charCodeAt(0)};`;
}
