import type { NginxReading } from "./_nginx-reading.ts";
import type { OurReading } from "./_our-reading.ts";

/** How our reading relates to that of nginx: what is not here is a failure. */
export interface NginxVerdict {
  readonly kind: "agree" | "stricter" | "laxer" | "other" | "unexplained";
  /** The rule by which one is stricter, or they differ. */
  readonly rule: string;
}

/** Where ours refuses what nginx takes: our reason, and the rule that it follows. */
const stricter: readonly [reason: RegExp, rule: string][] = [
  [/empty lines/, "RFC 9112 §2.2: empty lines before a request are skipped, but not without end"],
  [/no method|LF without CR|CR without LF/, "RFC 9112 §2.2: a line ends in CR and LF"],
  [/not printable ASCII/, "RFC 9112 §3.2: a request line is printable ASCII"],
  [/separated by one space/, "RFC 9112 §3: the parts of a request line are separated by one space"],
  [/no HTTP version/, "RFC 9112 §3: a request line without a version is HTTP/0.9, which is not waited upon"],
  [/not end in an HTTP version/, "RFC 9112 §2.3: a version is HTTP/, a digit, a dot and a digit"],
  [/this is HTTP\/1.1/, "RFC 9112 §2.3: this is HTTP/1"],
  [/fragment/, "RFC 9112 §3.2: a target has no fragment"],
  [/neither a path/, "RFC 9112 §3.2: a target is a path or an absolute URI with a host"],
  [/different hosts/, "RFC 9112 §3.2.2: Host is that of the target"],
  [/Host header is not/, "RFC 9112 §3.2: Host is well-formed"],
  [/\d Host headers/, "RFC 9112 §3.2: there is one Host"],
  [/HTTP\/1.0 has no/, "RFC 9112 §6.1: HTTP/1.0 has no Transfer-Encoding"],
  [/Content-Length and a Transfer-Encoding/, "RFC 9112 §6.1: a request has no length beside its transfer coding"],
  [/Content-Length is not|Content-Length headers|different Content-Length/, "RFC 9112 §6.3: a length is one number"],
  [/CONNECT is for proxies/, "RFC 9110 §9.3.6: CONNECT is for proxies"],
  [/417/, "RFC 9110 §10.1.1: another Expect than 100-continue"],
  [/is folded/, "RFC 9112 §5.2: a field is not folded"],
  [/control character/, "RFC 9110 §5.5: a value has no control characters"],
  [/not a token|no colon|before its colon/, "RFC 9112 §5.1: a name is a token, and its colon follows at once"],
  [
    /chunk is malformed|chunk is too large|not followed by CR/,
    "RFC 9112 §7.1: a chunk has a size, extensions and an end",
  ],
  [/belongs in the head/, "RFC 9110 §6.5.1: what frames, routes or controls a request is no trailer"],
];

/** Where nginx refuses what ours takes, or waits to take. */
const laxer: readonly [holds: (rest: string, ours: OurReading) => boolean, rule: string][] = [
  [(_rest, { outcome }) => outcome === "half", "ours: a line is judged when its LF has come, a head when it is whole"],
  [(rest) => !/^(?:\r\n)*[A-Z_-]+ /.test(rest), "RFC 9110 §9.1: a method is any token"],
  [(rest) => /^host:[ \t]*(?::\d*)?[ \t]*\r$/im.test(rest), "RFC 9112 §3.2: Host may be empty"],
  [(rest) => /^(?:\r\n)*[^ ]* [^ ?]*%(?![\da-f]{2})/i.test(rest), "ours: a target is not decoded by the parser"],
  [(rest) => /^(?:\r\n)*OPTIONS \* /.test(rest), "RFC 9112 §3.2.4: the target * is for OPTIONS, which nginx has not"],
  [(rest) => /^host:.*\.\./im.test(rest), "RFC 3986 §3.2.2: a name may have two dots in a row"],
  [(rest) => /^expect:[^]*^expect:/im.test(rest), "RFC 9110 §5.3: a list may stand in several fields"],
  [(rest) => /^(?:\r\n)*(?:TRACE|CONNECT) /.test(rest), "nginx: TRACE and CONNECT are switched off there"],
  [
    (rest) => /^(?:host|content-length|transfer-encoding):(?: *\t|[^\r\n]*\t *\r)/im.test(rest),
    "RFC 9110 §5.6.3: a tab around a value does not belong to it",
  ],
];

// nginx looks for these words anywhere in the value, and at the last of several headers.
const isConnectionOdd = /^connection:(?:.*(?:\wclose|close\w|[\w-]keep-alive|keep-alive[\w-])|[^]*^connection:)/im;

/** Compares the readings of one text. */
export function compareWithNginx(text: string, ours: OurReading, nginx: NginxReading): NginxVerdict {
  const isRefused = ours.outcome === "refused";
  const taken = ours.messages.filter(({ isComplete }) => isComplete || !isRefused).map(nameOf);
  const common = Math.min(taken.length, nginx.taken.length);
  if (taken.slice(0, common).join("\n") !== nginx.taken.slice(0, common).join("\n")) {
    return { kind: "unexplained", rule: "both take it, and not for the same" };
  }
  const isRefusedByBoth = isRefused && nginx.refused !== undefined;
  const isTakenByBoth = !isRefused && nginx.refused === undefined;
  if (taken.length === nginx.taken.length && (isRefusedByBoth || isTakenByBoth)) return { kind: "agree", rule: "" };
  if (isConnectionOdd.test(text.slice(ours.starts[common - 1], ours.starts[common]))) {
    return { kind: "other", rule: "RFC 9110 §7.6.1: Connection is a list of options, which nginx does not split" };
  }
  if (isRefused && nginx.taken.length >= taken.length) {
    return find("stricter", stricter, ([reason]) => reason.test(ours.reason));
  }
  if (nginx.refused === undefined) return { kind: "unexplained", rule: "only one reads on" };
  const rest = text.slice(ours.starts[nginx.taken.length], ours.starts[nginx.taken.length + 1]);
  return find("laxer", laxer, ([holds]) => holds(rest, ours));
}

// nginx leaves the scheme and the host of a target out.
function nameOf({ method, target }: OurReading["messages"][number]): string {
  const path = target.replace(/^[a-z]+:\/\/[^/?]*/i, "");
  return `${method} ${path === "" ? "/" : path}`;
}

function find<R extends readonly [unknown, string]>(
  kind: "stricter" | "laxer",
  rules: readonly R[],
  fits: (rule: R) => boolean,
): NginxVerdict {
  const rule = rules.find(fits)?.[1];
  return rule === undefined ? { kind: "unexplained", rule: `${kind} by no rule` } : { kind, rule };
}
