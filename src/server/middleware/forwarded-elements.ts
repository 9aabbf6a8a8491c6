/** What one proxy says of the request that it was sent. */
export interface ForwardedElement {
  /** Whom it was sent by: `192.0.2.43`, `[2001:db8::1]:4711`, `unknown`, `_hidden`. */
  readonly for?: string;
  /** The protocol that it was sent by. */
  readonly proto?: string;
  /** The `Host` that it had. */
  readonly host?: string;
}

const pair =
  /[\t ]*(?:([\w!#$%&'*+.^`|~-]+)=(?:([\w!#$%&'*+.^`|~-]+)|"((?:[\t !\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t -~\x80-\xff])*)"))?[\t ]*([;,]|$)/y;

/**
 * Reads the elements of `Forwarded`, the nearest proxy's last; `undefined` if it does not follow the syntax, by which
 * nothing in it can be believed.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7239#section-4
 */
export function parseForwarded(value: string): ForwardedElement[] | undefined {
  const elements: ForwardedElement[] = [];
  let element: Record<string, string> = {};
  for (let at = 0; ;) {
    pair.lastIndex = at;
    const found = pair.exec(value);
    if (found === null) return undefined;
    const [all, name, token, quoted, end] = found;
    if (name !== undefined) {
      const key = name.toLowerCase();
      if (Object.hasOwn(element, key)) return undefined;
      element[key] = token ?? quoted!.replace(/\\(.)/g, "$1");
    }
    at += all.length;
    if (end === ";") continue;
    if (Object.keys(element).length > 0) elements.push(element);
    if (end === "") return elements;
    element = {};
  }
}

const bare = /^(?:\[([\da-f:.]+)\]|([^:[\]]+))(?::(\d{1,5}|_[\w.-]+))?$/i;

/** The address and the port of a node; a port that is not told is 0. */
export function parseNode(node: string): { readonly address: string; readonly port: number } {
  const text = node.trim();
  const found = bare.exec(text);
  // An IPv6 address without brackets, as many proxies write it.
  if (found === null) return { address: text, port: 0 };
  const port = Number(found[3] ?? 0);
  return { address: found[1] ?? found[2]!, port: port <= 65_535 ? port : 0 };
}
