import { METHODS } from "node:http";
import type { Disagreement } from "./_compare.ts";

/** A disagreement that is meant. */
export interface Rule {
  /** By which rule one parser is stricter. */
  readonly name: string;
  readonly kind: Disagreement["kind"];
  /** What the stricter one says. */
  readonly detail: RegExp;
  /** Whether the bytes of the request give reason to, found without either parser. */
  readonly holds: (request: RequestText, disagreement: Disagreement) => boolean;
}

/** The rule that explains a disagreement; `undefined` if none does. */
export function explain(disagreement: Disagreement): Rule | undefined {
  const request = new RequestText(disagreement.rest);
  return rules.find(
    ({ kind, detail, holds }) =>
      kind === disagreement.kind && detail.test(disagreement.detail) && holds(request, disagreement),
  );
}

/** A request as text, cut up as coarsely as the rules need it. */
class RequestText {
  readonly text: string;
  /** The first line. */
  readonly line: string;
  /** The lines between the first and the empty one. */
  readonly fields: readonly string[];
  /** What follows the empty line. */
  readonly body: string;

  constructor(rest: string) {
    this.text = rest.replace(/^(?:\r\n){1,4}/, "");
    const headEnd = this.text.indexOf("\r\n\r\n");
    const [line = "", ...fields] = (headEnd < 0 ? this.text : this.text.slice(0, headEnd)).split("\r\n");
    this.line = line;
    this.fields = fields;
    this.body = headEnd < 0 ? "" : this.text.slice(headEnd + 2);
  }

  get method(): string {
    return /^[^ ]*/.exec(this.line)![0];
  }

  get target(): string {
    return this.line.split(" ")[1] ?? "";
  }

  values(name: string): string[] {
    const prefix = `${name.toLowerCase()}:`;
    return this.fields
      .filter((field) => field.toLowerCase().startsWith(prefix))
      .map((field) => field.slice(prefix.length).replace(/^[ \t]+|[ \t]+$/g, ""));
  }

  /** The elements of the lists of all headers of one name, in lower case. */
  elements(name: string): string[] {
    const list = this.values(name).join(",");
    return list.split(",").map((element) => element.replace(/^[ \t]+|[ \t]+$/g, "").toLowerCase());
  }
}

const token = /^[\w!#$%&'*+.^`|~-]+$/;
const host = /^(?:\[[\d.:a-f]+\]|[\w.~!$&'()*+;=%-]*)(?::\d*)?$/i;
const extensions =
  /^(?:[ \t]*;[ \t]*[\w!#$%&'*+.^`|~-]+(?:[ \t]*=[ \t]*(?:[\w!#$%&'*+.^`|~-]+|"(?:[\t !#-[\]-~\x80-\xff]|\\.)*"))?)*$/;
const blankAroundExtension = /(?:^|\n)[\da-f]+(?:[ \t]+;|;[^\r]*[ \t])/i;

function isHalfLine({ text }: RequestText, { isHalf }: Disagreement): boolean {
  // A CR by itself is taken for the beginning of an empty line until more of its line has come.
  return isHalf ? !text.endsWith("\n") : /^\r[^\n]*$/.test(text);
}

function isHalfSection({ text }: RequestText, { isHalf }: Disagreement): boolean {
  return isHalf && !text.endsWith("\r\n\r\n");
}

/** Every disagreement with Node's parser that is meant. */
export const rules: readonly Rule[] = [
  // Ours is stricter.
  {
    name: "RFC 9112 §2.2: empty lines before a request are skipped, but not without end",
    kind: "stricter",
    detail: /empty lines/,
    holds: (_, { rest }) => rest.startsWith("\r\n".repeat(5)),
  },
  {
    name: "RFC 9112 §2.2: a bare CR or LF is no empty line",
    kind: "stricter",
    detail: /no method|not printable ASCII|ends in LF/,
    holds: ({ text }) => /^(?:\n|\r(?!\n))/.test(text),
  },
  {
    name: "RFC 9112 §2.2: a line that ends in LF is no request of HTTP/0.9",
    kind: "stricter",
    detail: /request line ends in LF/,
    holds: ({ text }) => /^[^\r\n]+\n/.test(text),
  },
  {
    name: "RFC 9112 §3: the parts of a request line are separated by one space",
    kind: "stricter",
    detail: /separated by one space/,
    holds: ({ line }) => /  | $/.test(line),
  },
  {
    name: "RFC 9112 §3: a request line without a version is HTTP/0.9, which is not waited upon",
    kind: "stricter",
    detail: /no HTTP version/,
    holds: ({ line }) => line.split(" ").length < 3,
  },
  {
    name: "RFC 9112 §2.3: the name of the protocol is HTTP",
    kind: "stricter",
    detail: /does not end in an HTTP version/,
    holds: ({ line }) => / (?:RTSP|ICE)\/\d\.\d$/.test(line),
  },
  {
    name: "RFC 9112 §2.3: this is HTTP/1",
    kind: "stricter",
    detail: /this is HTTP\/1.1, and the request is HTTP\/[02-9]/,
    holds: ({ line }) => / HTTP\/(?:0\.9|[2-9]\.\d)$/.test(line),
  },
  {
    name: "RFC 9112 §3.2: a target has no fragment",
    kind: "stricter",
    detail: /fragment/,
    holds: ({ target }) => target.includes("#"),
  },
  {
    name: "RFC 9112 §3.2: a target is a path or an absolute URI with a host",
    kind: "stricter",
    detail: /neither a path/,
    holds: ({ target }) => {
      const authority = /^https?:\/\/([^/?]*)/i.exec(target)?.[1] ?? "";
      return !target.startsWith("/") && (/^(?::|$)/.test(authority) || !host.test(authority));
    },
  },
  {
    name: "RFC 9112 §3.2.4: the target * is for OPTIONS",
    kind: "stricter",
    detail: /\* is for OPTIONS/,
    holds: ({ line }) => / \* /.test(line) && !line.startsWith("OPTIONS "),
  },
  {
    name: "RFC 9110 §9.3.6: CONNECT is for proxies",
    kind: "stricter",
    detail: /CONNECT/,
    holds: ({ method }) => method === "CONNECT",
  },
  {
    name: "RFC 9112 §3.2: HTTP/1.1 demands Host",
    kind: "stricter",
    detail: /no Host/,
    holds: (request) => request.values("Host").length === 0 && request.line.endsWith("1.1"),
  },
  {
    name: "RFC 9112 §3.2: there is one Host",
    kind: "stricter",
    detail: /\d Host headers/,
    holds: (request) => request.values("Host").length > 1,
  },
  {
    name: "RFC 9112 §3.2: Host is well-formed",
    kind: "stricter",
    detail: /Host header is not/,
    holds: (request) => !host.test(request.values("Host")[0] ?? ""),
  },
  {
    name: "RFC 9112 §3.2.2: Host is that of the target",
    kind: "stricter",
    detail: /different hosts/,
    holds: (request) => {
      const authority = /^https?:\/\/([^/?]*)/i.exec(request.target)?.[1]?.toLowerCase();
      return authority !== undefined && request.values("Host")[0]?.toLowerCase() !== authority;
    },
  },
  {
    name: "RFC 9112 §6.1: HTTP/1.0 has no Transfer-Encoding",
    kind: "stricter",
    detail: /HTTP\/1.0 has no/,
    holds: (request) => request.line.endsWith("1.0") && request.values("Transfer-Encoding").length > 0,
  },
  {
    name: "RFC 9112 §6.1: other codings than chunked are not implemented",
    kind: "stricter",
    detail: /501: the only Transfer-Encoding/,
    holds: (request) =>
      request.elements("Transfer-Encoding").some((coding) => coding !== "chunked" && /^[^;,"]+/.test(coding)),
  },
  {
    name: "RFC 9112 §6.1: chunked is the last coding, and there once",
    kind: "stricter",
    detail: /not the last/,
    holds: (request) =>
      request
        .elements("Transfer-Encoding")
        .slice(0, -1)
        .some((coding) => coding.startsWith("chunked")),
  },
  {
    name: "RFC 9112 §7: chunked has no parameters",
    kind: "stricter",
    detail: /no parameters/,
    holds: (request) => /^chunked[ \t]*;/.test(request.elements("Transfer-Encoding")[0] ?? ""),
  },
  {
    name: "RFC 9112 §6.1: Transfer-Encoding is a list of codings",
    kind: "stricter",
    detail: /Transfer-Encoding is malformed/,
    holds: (request) =>
      request.elements("Transfer-Encoding").some((coding) => !token.test(coding.replace(/[ \t]*;.*$/, ""))),
  },
  {
    name: "RFC 9110 §8.6: a Content-Length is below 2^53",
    kind: "stricter",
    detail: /Content-Length is not a number/,
    holds: (request) => Number(request.values("Content-Length")[0]) >= 2 ** 53,
  },
  {
    name: "RFC 9110 §10.1.1: another Expect than 100-continue",
    kind: "stricter",
    detail: /417/,
    holds: (request) => request.elements("Expect").some((element) => element !== "100-continue"),
  },
  {
    name: "RFC 9112 §7.1: the size of a chunk has a bounded length",
    kind: "stricter",
    detail: /size of a chunk is malformed/,
    holds: ({ body }) => /\n[\da-f]{17,}[\r;]/i.test(body),
  },
  {
    name: "RFC 9112 §7.1: the size of a chunk is below 2^53",
    kind: "stricter",
    detail: /chunk is too large/,
    holds: ({ body }) => /\n0*[\da-f]{14,}[\r;]/i.test(body),
  },
  {
    name: "RFC 9112 §7.1.1: an extension is a token, or a token, = and a token or a quoted string",
    kind: "stricter",
    detail: /size of a chunk is malformed/,
    holds: ({ body }) =>
      Array.from(body.matchAll(/\n[\da-f]+([; \t][^\r\n]*)\r/gi)).some(([, text]) => !extensions.test(text!)),
  },
  {
    name: "RFC 9110 §6.5.1: what frames, routes or controls a request is no trailer",
    kind: "stricter",
    detail: /belongs in the head/,
    holds: ({ body }) =>
      /\n0+[^\n]*\r\n(?:[^\r]+\r\n)*(?:host|content-length|transfer-encoding|connection|expect|upgrade):/i.test(body),
  },
  // Node's is stricter.
  {
    name: "RFC 9110 §9.1: a method is any token; Node's parser has a list, and takes some for RTSP or HTTP/2 alone",
    kind: "laxer",
    detail: /HPE_INVALID_(?:METHOD|CONSTANT|VERSION)/,
    holds: ({ method }) => !METHODS.includes(method) && (token.test(method) || method === ""),
  },
  {
    name: "RFC 9112 §5.1: blanks and tabs around a value do not belong to it",
    kind: "laxer",
    detail: /HPE_INVALID_TRANSFER_ENCODING/,
    holds: ({ fields }) => fields.some((field) => /^transfer-encoding:[ \t]*chunked[ \t]*\t[ \t]*$/i.test(field)),
  },
  {
    name: "RFC 9110 §5.6.3: bad whitespace is read and left out",
    kind: "laxer",
    detail: /HPE_(?:STRICT|INVALID_CHUNK_SIZE)/,
    holds: ({ body }) => blankAroundExtension.test(body),
  },
  {
    name: "ours: a line is judged when its LF has come",
    kind: "laxer",
    detail: /HPE_/,
    holds: isHalfLine,
  },
  {
    name: "ours: headers are judged together when the last one has come, and trailers likewise",
    kind: "laxer",
    detail: /HPE_(?:INVALID_CONTENT_LENGTH|INVALID_TRANSFER_ENCODING|UNEXPECTED_CONTENT_LENGTH)/,
    holds: isHalfSection,
  },
];
