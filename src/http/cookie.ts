// The syntax of cookies: what a browser sends, and what it is sent. A value that has characters in it which may not
// stand in a cookie is put in quotes, those characters as `\` and three octal digits of their UTF-8 bytes. That is how
// Python's frameworks have it, so that applications can share their cookies.

const quotable = /[^\w!#$%&'()*+\-./:<=>?@[\]^`{|}~]/;
const escaped = /\\([0-3][0-7]{2}|[^])/g;
const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder();

/**
 * The cookies of a request. It is read-only: what the browser is to keep is said in the response.
 *
 * A name may have several values, if cookies of several paths or domains apply; the first is that of the closest path.
 */
export class CookieList implements Iterable<[name: string, value: string]> {
  readonly #pairs: readonly (readonly [name: string, value: string])[];

  /** @internal Use {@link parseCookies}. */
  constructor(pairs: readonly (readonly [name: string, value: string])[]) {
    this.#pairs = pairs;
  }

  /** How many cookies there are; a name with two values counts twice. */
  get size(): number {
    return this.#pairs.length;
  }

  /** The first value of `name`; `undefined` if there is none. */
  get(name: string): string | undefined {
    return this.#pairs.find(([key]) => key === name)?.[1];
  }

  /** All values of `name` in their order. */
  getAll(name: string): string[] {
    return this.#pairs.flatMap(([key, value]) => (key === name ? [value] : []));
  }

  /** Whether there is a cookie of that name. */
  has(name: string): boolean {
    return this.#pairs.some(([key]) => key === name);
  }

  /** Walks over names and values in their order. */
  *[Symbol.iterator](): Generator<[name: string, value: string], void, undefined> {
    for (const [name, value] of this.#pairs) yield [name, value];
  }
}

/**
 * Reads the value of a `Cookie` header. No value is an error: what has no name is left out, and bytes that are
 * no UTF-8 become U+FFFD. Quotes are taken off; percent signs mean nothing.
 *
 * @param header The value; those of several `Cookie` headers are joined by `; `.
 * @example
 * console.log(parseCookies('theme=dark; name="J\\303\\274rgen"').get("name")); // Jürgen
 * @see https://www.rfc-editor.org/rfc/rfc6265#section-5.4
 */
export function parseCookies(header: string): CookieList {
  const pairs: [string, string][] = [];
  for (const part of fromBytes(header).split(";")) {
    const [name, value] = splitPair(part);
    if (name !== "") pairs.push([name, unquote(value)]);
  }
  return new CookieList(pairs);
}

/** Writes a value as it may stand in a cookie. */
export function quoteCookieValue(value: string): string {
  if (!quotable.test(value)) return value;
  return `"${Array.from(textEncoder.encode(value), quoteByte).join("")}"`;
}

function quoteByte(byte: number): string {
  const character = String.fromCharCode(byte);
  if (character === '"' || character === "\\") return `\\${character}`;
  const isPlain = byte >= 0x20 && byte < 0x7f && character !== "," && character !== ";";
  return isPlain ? character : `\\${byte.toString(8).padStart(3, "0")}`;
}

function splitPair(part: string): [name: string, value: string] {
  const mark = part.indexOf("=");
  return mark < 0 ? [part.trim(), ""] : [part.slice(0, mark).trim(), part.slice(mark + 1).trim()];
}

function unquote(value: string): string {
  if (value.length < 2 || !value.startsWith('"') || !value.endsWith('"')) return value;
  const inner = value.slice(1, -1);
  return inner.includes("\\") ? decodeEscapes(inner) : inner;
}

function decodeEscapes(text: string): string {
  const bytes = toBinary(text).replace(escaped, (_, one: string) =>
    one.length === 3 ? String.fromCharCode(Number.parseInt(one, 8)) : one,
  );
  return textDecoder.decode(Buffer.from(bytes, "latin1"));
}

/** The UTF-8 bytes of a text, each as a character. */
function toBinary(text: string): string {
  return Buffer.from(text).toString("latin1");
}

/** Headers are bytes, of which a server makes a character each. Here they are UTF-8. */
function fromBytes(header: string): string {
  if (!/[\x80-\xff]/.test(header) || /[^\0-\xff]/.test(header)) return header;
  return textDecoder.decode(Buffer.from(header, "latin1"));
}
