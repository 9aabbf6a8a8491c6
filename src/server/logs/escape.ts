// What a client sends stands in the log within one line and one field, and nothing of it is obeyed by a terminal. Only
// printable ASCII is written as it is, so that what is written is the same in every encoding.

const plainText = /^[ !#-[\]-~]*$/;
const specialText = /[^ !#-[\]-~]/g;
const specialJson = /[^ -~]/g;

/**
 * Text as it stands in a line, with or without quotes around it: `\"`, `\\`, `\x0a` as Apache writes them, and `\u20ac`
 * beyond Latin-1.
 *
 * @see https://httpd.apache.org/docs/2.4/mod/mod_log_config.html#formats
 */
export function escapeText(text: string): string {
  return plainText.test(text) ? text : text.replace(specialText, escapeCharacter);
}

/** Text as it stands between the quotes of JSON, in ASCII. */
export function escapeJson(text: string): string {
  return plainText.test(text) ? text : JSON.stringify(text).slice(1, -1).replace(specialJson, escapeUnit);
}

function escapeCharacter(character: string): string {
  if (character === '"' || character === "\\") return `\\${character}`;
  const code = character.charCodeAt(0);
  return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : escapeUnit(character);
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
