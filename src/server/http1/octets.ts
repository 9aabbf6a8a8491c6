// The bytes that have a meaning of their own in a head.

/** A tab. */
export const HT = 0x09;
/** The end of a line. */
export const LF = 0x0a;
/** What stands before the end of a line. */
export const CR = 0x0d;
/** A space. */
export const SP = 0x20;
/** What stands between the name of a header and its value. */
export const COLON = 0x3a;
/** What begins the extensions of a chunk. */
export const SEMICOLON = 0x3b;
/** What a path begins with. */
export const SLASH = 0x2f;

/** 1 for each byte that may stand in a token: a method, or the name of a header (RFC 9110 §5.6.2). */
export const tokenBytes: Uint8Array = tableOf("!#$%&'*+-.^_`|~", ["0", "9"], ["A", "Z"], ["a", "z"]);

/**
 * 1 for each byte that may stand in a target: what is visible in ASCII, except `#`, as a fragment is not sent. Of what
 * RFC 3986 leaves out, browsers send `|`, `{` and others.
 */
export const targetBytes: Uint8Array = tableOf('!"', ["$", "~"]);

/** 1 for each byte that may stand in the value of a header: visible ones, blanks, tabs and obs-text (RFC 9110 §5.5). */
export const valueBytes: Uint8Array = tableOf("\t", [" ", "~"], ["\x80", "\xff"]);

function tableOf(single: string, ...ranges: readonly (readonly [first: string, last: string])[]): Uint8Array {
  const table = new Uint8Array(256);
  for (const byte of Buffer.from(single, "latin1")) table[byte] = 1;
  for (const [first, last] of ranges) table.fill(1, first.charCodeAt(0), last.charCodeAt(0) + 1);
  return table;
}
