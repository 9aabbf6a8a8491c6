/** A cookie that a test client keeps. */
interface Kept {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  /** When it expires, in milliseconds since 1970; `Infinity` if it lasts as long as the client. */
  readonly expires: number;
}

/**
 * The cookies of a test client: those that responses have set, and those that a test sets. A cookie is sent to the paths
 * below its own, until it expires or is removed. `Secure` and `Domain` are not looked at: there is one host, and no
 * connection.
 *
 * @example
 * const app = new Pottle(import.meta);
 * app.get("/", (_, request) => request.cookies.get("theme") ?? "none");
 * app.get("/dark", () => makeResponse("").setCookie("theme", "dark"));
 * const client = app.testClient();
 * await client.get("/dark");
 * console.log((await client.get("/")).text()); // dark
 * client.cookies.set("theme", "light");
 * console.log((await client.get("/")).text()); // light
 * @see https://www.rfc-editor.org/rfc/rfc6265#section-5
 */
export class CookieJar {
  readonly #kept = new Map<string, Kept>();

  /** How many cookies there are. */
  get size(): number {
    return this.#alive().length;
  }

  /** The value of a cookie as it is sent; `undefined` if there is none. Of several, that of the longest path. */
  get(name: string): string | undefined {
    return this.#alive().find((cookie) => cookie.name === name)?.value;
  }

  /** Sets a cookie. @default "/" (path) */
  set(name: string, value: string, path = "/"): void {
    this.#keep({ name, value, path, expires: Infinity });
  }

  /** Removes a cookie, whatever its path. */
  delete(name: string): void {
    for (const [key, cookie] of this.#kept) if (cookie.name === name) this.#kept.delete(key);
  }

  /** Removes all cookies. */
  clear(): void {
    this.#kept.clear();
  }

  /** @internal Takes the values of the `Set-Cookie` headers of a response to a request for `path`. */
  store(lines: readonly string[], path: string): void {
    for (const line of lines) {
      const cookie = parseSetCookie(line, path);
      if (cookie !== undefined) this.#keep(cookie);
    }
  }

  /** @internal The value of `Cookie` for a request; empty if there is none. Names in `own` are left out. */
  header(path: string, own: ReadonlySet<string>): string {
    const sent = this.#alive().filter((cookie) => isWithin(path, cookie.path) && !own.has(cookie.name));
    return sent.map(({ name, value }) => `${name}=${value}`).join("; ");
  }

  #keep(cookie: Kept): void {
    const key = JSON.stringify([cookie.name, cookie.path]);
    if (cookie.expires > Date.now()) this.#kept.set(key, cookie);
    else this.#kept.delete(key);
  }

  #alive(): Kept[] {
    const now = Date.now();
    return [...this.#kept.values()]
      .filter(({ expires }) => expires > now)
      .toSorted((one, other) => other.path.length - one.path.length);
  }
}

function parseSetCookie(line: string, requestPath: string): Kept | undefined {
  const [pair = "", ...rest] = line.split(";");
  const mark = pair.indexOf("=");
  if (mark <= 0) return undefined;
  const attributes = new Map(rest.map(splitAttribute));
  const path = attributes.get("path") ?? "";
  return {
    name: pair.slice(0, mark).trim(),
    value: pair.slice(mark + 1).trim(),
    path: path.startsWith("/") ? path : requestPath.slice(0, Math.max(requestPath.lastIndexOf("/"), 1)),
    expires: expiryOf(attributes.get("max-age"), attributes.get("expires")),
  };
}

function splitAttribute(text: string): [name: string, value: string] {
  const [name = "", value = ""] = text.split("=", 2);
  return [name.trim().toLowerCase(), value.trim()];
}

function expiryOf(maxAge: string | undefined, expires: string | undefined): number {
  if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) return Date.now() + Number(maxAge) * 1_000;
  const time = Date.parse(expires ?? "");
  return Number.isNaN(time) ? Infinity : time;
}

function isWithin(path: string, outer: string): boolean {
  return path === outer || path.startsWith(outer.endsWith("/") ? outer : `${outer}/`);
}
