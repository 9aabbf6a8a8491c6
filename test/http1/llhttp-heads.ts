// The requests that the tests of llhttp, the parser of Node, are made of, by their kinds. Only what the parsers see is
// kept of them: names of hosts, texts of bodies and headers without meaning here are shortened, and a request of HTTP/1.1
// without Host has one, as ours would be refused for that alone. Its requests for lenient modes are read strictly.

/** A request; what our parser makes of it, or why it refuses it; and the rule by which Node's parser does not agree. */
export type Vector = readonly [text: string, outcome: string, rule?: string];

/** Request lines: methods, targets, versions. */
export const lines: readonly Vector[] = [
  ["GET / HTTP/5.6\r\n\r\n", "400: this is HTTP/1.1, and the request is HTTP/5.6"],
  ["REPORT / HTTP/1.1\r\nHost: a\r\n\r\n", "idle"],
  ["CONNECT a:443 HTTP/1.0\r\n\r\nxy", "501: CONNECT is for proxies", "RFC 9110 §9.3.6: CONNECT is for proxies"],
  ["CONNECT a:443 HTTP/1.0\r\n\r\n", "501: CONNECT is for proxies", "RFC 9110 §9.3.6: CONNECT is for proxies"],
  [
    "CONNECT a:443 HTTP/1.0\r\nContent-Length: 10\r\n\r\nxyxyxyxyxy",
    "501: CONNECT is for proxies",
    "RFC 9110 §9.3.6: CONNECT is for proxies",
  ],
  [
    "M-SEARCH * HTTP/1.1\r\nHOST: a\r\n\r\n",
    "400: the target * is for OPTIONS",
    "RFC 9112 §3.2.4: the target * is for OPTIONS",
  ],
  ["PATCH / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\ncccccccccc", "idle"],
  ["PURGE / HTTP/1.1\r\nHost: a\r\n\r\n", "idle"],
  ["SEARCH / HTTP/1.1\r\nHost: a\r\n\r\n", "idle"],
  ['LINK / HTTP/1.1\r\nHost: a\r\nLink: <b>; rel="tag"\r\nLink: <b>; rel="tag"\r\n\r\n', "idle"],
  ['UNLINK / HTTP/1.1\r\nHost: a\r\nLink: <b>; rel="tag"\r\n\r\n', "idle"],
  ["SOURCE / HTTP/1.1\r\nHost: a\r\n\r\n", "idle"],
  [
    "SOURCE / ICE/1.0\r\nHost: a\r\n\r\n",
    "400: the request line does not end in an HTTP version",
    "RFC 9112 §2.3: the name of the protocol is HTTP",
  ],
  [
    "OPTIONS / RTSP/1.0\r\nHost: a\r\n\r\n",
    "400: the request line does not end in an HTTP version",
    "RFC 9112 §2.3: the name of the protocol is HTTP",
  ],
  [
    "ANNOUNCE / RTSP/1.0\r\nHost: a\r\n\r\n",
    "400: the request line does not end in an HTTP version",
    "RFC 9112 §2.3: the name of the protocol is HTTP",
  ],
  ["PRI * HTTP/1.1\r\nHost: a\r\n\r\nSM\r\n\r\n", "400: the target * is for OPTIONS"],
  ["QUERY / HTTP/1.1\r\nHost: a\r\nContent-Length: 41\r\n\r\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "idle"],
  ['GET /with_"quotes"?foo=\\"bar\\" HTTP/1.1\r\nHost: a\r\n\r\n', "idle"],
  ["GET /test.cgi?foo=bar?baz HTTP/1.1\r\nHost: a\r\n\r\n", "idle"],
  [
    "GET http://b?a=b HTTP/1.1\r\nHost: a\r\n\r\n\r\n",
    "400: the target and the Host header name different hosts",
    "RFC 9112 §3.2.2: Host is that of the target",
  ],
  [
    "GET http://b:1234?a=b HTTP/1.1\r\nHost: a\r\n\r\n",
    "400: the target and the Host header name different hosts",
    "RFC 9112 §3.2.2: Host is that of the target",
  ],
  ["GET /test.cgi?query=| HTTP/1.1\r\nHost: a\r\n\r\n", "idle"],
  ["GET http://b?a=b HTTP/1.1\r\nHost: b\r\n\r\n", "idle"],
  ["GET http://b:1234 HTTP/1.1\r\nHost: b:1234\r\n\r\n", "idle"],
  [
    "GET http://b:1234 HTTP/1.1\r\nHost: a\r\n\r\n",
    "400: the target and the Host header name different hosts",
    "RFC 9112 §3.2.2: Host is that of the target",
  ],
  ["GET /Î´Â¶?b=1#c HTTP/1.1\r\nHost: a\r\n\r\n", "400: the request line has a byte that is not printable ASCII"],
  [
    "GET /a?b=1#c HTTP/1.1\r\nHost: a\r\n\r\n",
    "400: the target has a fragment",
    "RFC 9112 §3.2: a target has no fragment",
  ],
  [
    "GET http://a%12:b!&*$@b:1234/toto HTTP/1.1\r\nHost: a\r\n\r\n",
    "400: the target is neither a path nor an absolute URI",
    "RFC 9112 §3.2: a target is a path or an absolute URI with a host",
  ],
  ["GET /foo bar/ HTTP/1.1\r\nHost: a\r\n\r\n", "400: the parts of the request line are not separated by one space"],
];

/** Headers, their values and line ends. */
export const heads: readonly Vector[] = [
  ["OPTIONS / HTTP/1.1\r\nHost: a\r\nHeader1: Value1\r\nHeader2:\t Value2\r\n\r\n", "idle"],
  ["HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", "idle"],
  ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", "idle"],
  ["GET / HTTP/1.1\r\nHost: a\r\nKeep-Alive: 300\r\nConnection: keep-alive\r\n\r\n", "idle"],
  ["GET / HTTP/1.1\r\nHost: a\r\na:+\r\n\r\n", "idle"],
  ["GET / HTTP/1.0\r\nHost: a\r\n\r\n", "over"],
  ["\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "idle"],
  [
    "GET /\r\n\r\n",
    "400: the request line has no HTTP version",
    "RFC 9112 §3: a request line without a version is HTTP/0.9, which is not waited upon",
  ],
  [
    "GET / HTTP/1.1\r\nHost: a\r\nLine1:   abc\r\n\tdef\r\n ghi\r\n\t\tjkl\r\n  mno \r\n\t \tqrs\r\nLine2: \t line2\t\r\nLine3:\r\n line3\r\nLine4: \r\n \r\nConnection:\r\n close\r\n\r\n",
    "400: a header is folded",
  ],
  [
    "GET / HTTP/1.1\r\nHost: a\r\nLine1:   abc\n\tdef\n ghi\n\t\tjkl\n  mno \n\t \tqrs\nLine2: \t line2\t\nLine3:\n line3\nLine4: \n \nConnection:\n close\n\n",
    "400: a header ends in LF without CR",
  ],
  ["GET / HTTP/1.1\rLine: 1\r\n", "400: the request line has a byte that is not printable ASCII"],
  ["\r\nGET / HTTP/1.1\r\nHost: a\r\nHeader1: Value1\r\n\r\n", "idle"],
  ["GET / HTTP/1.1\r\nHost: a\r\nTest: Ã¼\r\n\r\n", "idle"],
  ["OPTIONS / HTTP/1.1\r\nHost: a\r\nHeader1: Value1\r\nHeader2: Ã¿Value2\r\n\r\n", "idle"],
  ["GET / HTTP/1.1\r\nHost: a\r\nHeader1: \f\r\n\r\n", "400: a header has a control character in its value"],
  [
    "GET / HTTP/1.1\r\nHost: a\r\nHeader1: Okay\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nHeader1: \f\r\n\r\n",
    "400: a header has a control character in its value",
  ],
  ["GET / HTTP/1.1\r\nHost: a\r\nHeader1: \f\r\n\r\n\r\n", "400: a header has a control character in its value"],
  [
    "POST / HTTP/1.1\r\nConnection: Close\r\nHost: a\r\nx:\rTransfer-Encoding: chunked\r\n\r\n1\r\nA\r\n0\r\n",
    "400: a header has a CR without LF",
  ],
  ["GET / HTTP/1.1\r\nHost: a\r\nHeader1: hello\fworld\r\n\r\n", "400: a header has a control character in its value"],
  [
    "POST / HTTP/1.1\r\nHost: a\r\nx:\nTransfer-Encoding: chunked\r\n\r\n1\r\nA\r\n0\r\n",
    "400: a header ends in LF without CR",
  ],
  [
    "POST / HTTP/1.1\r\nHost: a\r\nx:\rTransfer-Encoding: chunked\r\n\r\n1\r\nA\r\n0\r\n",
    "400: a header has a CR without LF",
  ],
  ["GET / HTTP/1.1\r\nHost: a\r\n Header1: value\r\n", "400: a header is folded"],
];

/** What is refused, or is only half there. */
export const invalid: readonly Vector[] = [
  ["GET / ICE/1.0\r\nHost: a\r\n\r\n", "400: the request line does not end in an HTTP version"],
  ["GET / IHTTP/1.0\r\nHost: a\r\n\r\n", "400: the request line does not end in an HTTP version"],
  ["PUT / RTSP/1.0\r\nHost: a\r\n\r\n", "400: the request line does not end in an HTTP version"],
  [
    "ANNOUNCE / HTTP/1.0\r\nHost: a\r\n\r\n",
    "over",
    "RFC 9110 §9.1: a method is any token; Node's parser has a list, and takes some for RTSP or HTTP/2 alone",
  ],
  ["GET / HTTP/1.1\r\nHost: a\r\nFoo: 1\rBar: 2\r\n\r\n", "400: a header has a CR without LF"],
  [
    "POST / HTTP/1.1\r\nHost: a\r\nx:x\nTransfer-Encoding: chunked\r\n\r\n1\r\nA\r\n0\r\n",
    "400: a header ends in LF without CR",
  ],
  [
    "GET / HTTP/1.1\r\nConnection: close\r\nHost: a\r\n\rZGET / HTTP/1.1\r\nHost: a\r\n",
    "400: a header has a CR without LF",
  ],
  ["GET / HTTP/1.1\r\nHost: a\r\nFo@: Failure\r\n\r\n", "400: the name of a header is not a token"],
  ["GET / HTTP/1.1\r\nHost: a\r\nFoo\u0001\test: Bar\r\n\r\n", "400: the name of a header is not a token"],
  ["GET / HTTP/1.1\r\nHost: a\r\n: Bar\r\n\r\n", "400: the name of a header is not a token"],
  [
    "MKCOLA / HTTP/1.1\r\nHost: a\r\n\r\n",
    "idle",
    "RFC 9110 §9.1: a method is any token; Node's parser has a list, and takes some for RTSP or HTTP/2 alone",
  ],
  ["GET / HTTP/1.1\r\nHost: a\r\nname\r\n : value\r\n\r\n", "400: a header has no colon"],
  ["GET / HTTP/1.1\r\nHost: a\r\nConnection\r\u001b5Ãeep-Alive\r\n\r\n", "400: a header has a CR without LF"],
  ["GET / HTTP/1.1\r\nHost: a\r\nX-Some-Header\r\u001b5Ãeep-Alive\r\n\r\n", "400: a header has a CR without LF"],
  [
    "GET / HTTP/1.1\r\nHost: a\r\nDummy: x\nContent-Length: 23\r\n\r\nGET / HTTP/1.1\r\nDummy: GET /admin HTTP/1.1\r\nHost: a\r\n\r\n",
    "400: a header ends in LF without CR",
  ],
  ["GET / HTTP/5.6", "half", "ours: a line is judged when its LF has come"],
  ["GET / HTTP/1.1\r\nHost: a\r\n Host: foo", "half", "ours: a line is judged when its LF has come"],
  [
    'POST / HTTP/1.1\nTransfer-Encoding: chunked\nTrailer: Baz\r\nFoo: abc\nBar: def\n\n1\nA\n1;abc\nB\n1;def=ghi\nC\n1;jkl="mno"\nD\n0\n\nBaz: ghi\n\n\\',
    "400: the request line ends in LF without CR",
  ],
  [
    'POST / HTTP/1.1\nTransfer-Encoding: chunked\nTrailer: Baz\r\nFoo: abc\nBar: def\n\n1\nA\n1;abc\nB\n1;def=ghi\nC\n1;jkl="mno"\nD\n0\n\nBaz: ghi\n\n',
    "400: the request line ends in LF without CR",
  ],
  [
    "POST / HTTP/1.1\r\nHost: a\r\nFoo: bar\r\n Content-Length: 38\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "400: a header is folded",
  ],
];
