/** Bytes on which the differential test has something to say. */
export interface Found {
  /** Latin-1, a character a byte. */
  readonly text: string;
  /** The rule by which the parsers disagree; `undefined` if they agree. */
  readonly rule?: string;
}

const host = "Host: a\r\n";
const chunked = `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n`;

/** What the differential test has found, made short. Each stays, so that it is not found again. */
export const corpus: readonly Found[] = [
  {
    rule: "RFC 9112 §2.2: empty lines before a request are skipped, but not without end",
    text: `${"\r\n".repeat(5)}GET / HTTP/1.1\r\n${host}\r\n`,
  },
  { rule: "RFC 9112 §2.2: a bare CR or LF is no empty line", text: `\nGET / HTTP/1.1\r\n${host}\r\n` },
  { rule: "RFC 9112 §2.2: a bare CR or LF is no empty line", text: `\rGET / HTTP/1.1\r\n${host}\r\n` },
  // Node's parser takes it for HTTP/0.9 with headers, of which `2Z` is the first.
  {
    rule: "RFC 9112 §2.2: a line that ends in LF is no request of HTTP/0.9",
    text: `GET /\n2Z:u HTTP/1.0\r\n${host}\r\n`,
  },
  {
    rule: "RFC 9112 §3: the parts of a request line are separated by one space",
    text: `GET  / HTTP/1.1\r\n${host}\r\n`,
  },
  {
    rule: "RFC 9112 §3: the parts of a request line are separated by one space",
    text: `GET /  HTTP/1.1\r\n${host}\r\n`,
  },
  { rule: "RFC 9112 §3: a request line without a version is HTTP/0.9, which is not waited upon", text: "GET /\r\n" },
  { rule: "RFC 9112 §2.3: the name of the protocol is HTTP", text: `GET / RTSP/1.0\r\n${host}\r\n` },
  { rule: "RFC 9112 §2.3: this is HTTP/1", text: `GET / HTTP/2.0\r\n${host}\r\n` },
  { rule: "RFC 9112 §2.3: this is HTTP/1", text: `GET / HTTP/0.9\r\n${host}\r\n` },
  { rule: "RFC 9112 §3.2: a target has no fragment", text: `GET /# HTTP/1.1\r\n${host}\r\n` },
  {
    rule: "RFC 9112 §3.2: a target is a path or an absolute URI with a host",
    text: `GET http://a:80:80/ HTTP/1.1\r\n${host}\r\n`,
  },
  {
    rule: "RFC 9112 §3.2: a target is a path or an absolute URI with a host",
    text: `GET ftp://a/ HTTP/1.1\r\n${host}\r\n`,
  },
  { rule: "RFC 9112 §3.2.4: the target * is for OPTIONS", text: `GET * HTTP/1.1\r\n${host}\r\n` },
  { rule: "RFC 9110 §9.3.6: CONNECT is for proxies", text: `CONNECT a:80 HTTP/1.1\r\n${host}\r\n` },
  { rule: "RFC 9112 §3.2: HTTP/1.1 demands Host", text: "GET / HTTP/1.1\r\n\r\n" },
  { rule: "RFC 9112 §3.2: there is one Host", text: `GET / HTTP/1.1\r\n${host}${host}\r\n` },
  { rule: "RFC 9112 §3.2: Host is well-formed", text: "GET / HTTP/1.1\r\nHost: a ,\r\n\r\n" },
  { rule: "RFC 9112 §3.2.2: Host is that of the target", text: `GET http://b HTTP/1.1\r\n${host}\r\n` },
  { rule: "RFC 9112 §6.1: HTTP/1.0 has no Transfer-Encoding", text: chunked.replace("1.1", "1.0") + "0\r\n\r\n" },
  {
    rule: "RFC 9112 §6.1: other codings than chunked are not implemented",
    text: `${chunked.replace("chunked", "gzip, chunked")}0\r\n\r\n`,
  },
  {
    rule: "RFC 9112 §6.1: other codings than chunked are not implemented",
    text: `GET / HTTP/1.1\r\n${host}Transfer-Encoding: identity\r\n\r\n`,
  },
  {
    rule: "RFC 9112 §6.1: chunked is the last coding, and there once",
    text: `${chunked.replace("chunked", "chunked;a, chunked;a")}0\r\n\r\n`,
  },
  { rule: "RFC 9112 §7: chunked has no parameters", text: `${chunked.replace("chunked", "chunked;a")}0\r\n\r\n` },
  {
    rule: "RFC 9112 §6.1: Transfer-Encoding is a list of codings",
    text: `${chunked.replace("chunked", ",chunked")}0\r\n\r\n`,
  },
  { rule: "RFC 9112 §6.1: Transfer-Encoding is a list of codings", text: chunked.replace("chunked", "c hunked") },
  {
    rule: "RFC 9110 §8.6: a Content-Length is below 2^53",
    text: `POST / HTTP/1.1\r\n${host}Content-Length: 9007199254740993\r\n\r\na`,
  },
  { rule: "RFC 9110 §10.1.1: another Expect than 100-continue", text: `GET / HTTP/1.1\r\n${host}Expect: x\r\n\r\n` },
  {
    rule: "RFC 9112 §7.1: the size of a chunk has a bounded length",
    text: `${chunked}${"0".repeat(16)}1\r\na\r\n0\r\n\r\n`,
  },
  { rule: "RFC 9112 §7.1: the size of a chunk is below 2^53", text: `${chunked}ffffffffffffffff\r\n` },
  {
    rule: "RFC 9112 §7.1.1: an extension is a token, or a token, = and a token or a quoted string",
    text: `${chunked}0;a=\r\n\r\n`,
  },
  {
    rule: "RFC 9112 §7.1.1: an extension is a token, or a token, = and a token or a quoted string",
    text: `${chunked}0;=b\r\n\r\n`,
  },
  {
    rule: "RFC 9112 §7.1.1: an extension is a token, or a token, = and a token or a quoted string",
    text: `${chunked}0;;b=c\r\n\r\n`,
  },
  {
    rule: "RFC 9112 §7.1.1: an extension is a token, or a token, = and a token or a quoted string",
    text: `${chunked}0;a=b";c"\r\n\r\n`,
  },
  {
    rule: "RFC 9110 §6.5.1: what frames, routes or controls a request is no trailer",
    text: `${chunked}0\r\nConnection: close\r\n\r\n`,
  },
  {
    rule: "RFC 9110 §9.1: a method is any token; Node's parser has a list, and takes some for RTSP or HTTP/2 alone",
    text: `get / HTTP/1.1\r\n${host}\r\n`,
  },
  {
    rule: "RFC 9110 §9.1: a method is any token; Node's parser has a list, and takes some for RTSP or HTTP/2 alone",
    text: `DESCRIBE / HTTP/1.1\r\n${host}\r\n`,
  },
  {
    rule: "RFC 9110 §9.1: a method is any token; Node's parser has a list, and takes some for RTSP or HTTP/2 alone",
    text: `PRI / HTTP/1.1\r\n${host}\r\n`,
  },
  {
    rule: "RFC 9112 §5.1: blanks and tabs around a value do not belong to it",
    text: `${chunked.replace("chunked", "chunked\t")}0\r\n\r\n`,
  },
  { rule: "RFC 9110 §5.6.3: bad whitespace is read and left out", text: `${chunked}1 ;a\r\na\r\n0\r\n\r\n` },
  { rule: "RFC 9110 §5.6.3: bad whitespace is read and left out", text: `${chunked}0;a = b\r\n\r\n` },
  { rule: "ours: a line is judged when its LF has come", text: "GET / HTTP/1.1\r\nX\0" },
  { rule: "ours: a line is judged when its LF has come", text: "\rD" },
  {
    rule: "ours: headers are judged together when the last one has come, and trailers likewise",
    text: "POST / HTTP/1.1\r\nContent-Length: +5\r\n",
  },
  {
    rule: "ours: headers are judged together when the last one has come, and trailers likewise",
    text: `${chunked}0\r\nContent-Length: 5\r\n`,
  },
  // Where both agree, and ours did not once, with a mistake planted in it; or might not.
  { text: `${chunked}100000001\r\na\r\n0\r\n\r\n` },
  {
    text: `GET / HTTP/1.0\r\nConnection: keep-alive\r\n${host}\r\nGET / HTTP/1.1\r\nConnection: keep-alive\r\n${host}\r\n`,
  },
  { text: `${chunked}1\r\na\rb0\r\n\r\n` },
  { text: `${chunked}1\r\na\n0\r\n\r\n` },
  { text: `${chunked}1\r\na\r\n0\n\r\n` },
  { text: `${chunked}1\r\na\r\n0\r\n\n` },
  { text: `${chunked}1;a="\r\n"\r\na\r\n0\r\n\r\n` },
  { text: `${chunked}1;a="\n"\r\na\r\n0\r\n\r\n` },
  { text: `${chunked}-1\r\na\r\n0\r\n\r\n` },
  { text: `${chunked}1 \r\na\r\n0\r\n\r\n` },
  { text: `${chunked}0\r\nX: y\r\n z\r\n\r\n` },
  { text: `${chunked}0\r\nX : y\r\n\r\n` },
  { text: chunked.replace("Transfer", "Content-Length: 5\r\nTransfer") + "0\r\n\r\n" },
  { text: chunked.replace("Transfer-Encoding:", "Transfer-Encoding :") + "0\r\n\r\n" },
  { text: chunked.replace("chunked", "\x0bchunked") + "0\r\n\r\n" },
  { text: chunked.replace("Transfer", " Transfer") + "0\r\n\r\n" },
  { text: `GET / HTTP/1.1\r\n${host}X: a\n\r\n` },
  { text: `GET / HTTP/1.1\r\n${host}X: a\rb\r\n\r\n` },
  { text: `GET / HTTP/1.1\r\n${host}X: a\r\n\r\r\n` },
  { text: `GET / HTTP/1.1\r\n${host}X: a\x00\r\n\r\n` },
  { text: `GET / HTTP/1.1\r\n${host}X\xe4: a\r\n\r\n` },
  { text: `POST / HTTP/1.1\r\n${host}Content-Length: 1\r\nContent-Length: 1\r\n\r\na` },
  { text: `POST / HTTP/1.1\r\n${host}Content-Length: 1, 1\r\n\r\na` },
  { text: `POST / HTTP/1.1\r\n${host}Content-Length: 18446744073709551617\r\n\r\na` },
  { text: `POST / HTTP/1.1\r\n${host}Content-Length: 1 \t\r\n\r\na` },
  { text: `POST / HTTP/1.1\r\n${host}content-length:01\r\n\r\naGET / HTTP/1.0\r\n\r\n` },
];
