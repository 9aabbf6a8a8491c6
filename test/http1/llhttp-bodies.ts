// The requests of llhttp's tests that are about bodies and connections: see llhttp-heads.ts.

import type { Vector } from "./llhttp-heads.ts";

/** Which connections are kept, and what follows the last request. */
export const connections: readonly Vector[] = [
  ["PUT / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n", "idle"],
  [
    "PUT / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\nPUT / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n",
    "idle",
  ],
  ["PUT / HTTP/1.0\r\n\r\nPUT / HTTP/1.1\r\nHost: a\r\n\r\n", "over"],
  [
    "PUT / HTTP/1.0\r\nContent-Length: 0\r\n\r\nPUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
    "over",
  ],
  ["POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nq=42\r\n\r\nGET / HTTP/1.1", "half"],
  ["PUT / HTTP/1.1\r\nHost: a\r\nConnection: keep\ralive\r\n\r\n", "400: a header has a CR without LF"],
  ["PUT / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "over"],
  ["PUT / HTTP/1.1\r\nHost: a\r\nConnection: close\t\r\n\r\n", "over"],
  ["POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nConnection: close\r\n\r\nq=42\r\n\r\nGET / HTTP/1.1", "over"],
  ["POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nConnection: close\t\r\n\r\nq=42\r\n\r\nGET / HTTP/1.1", "over"],
  ["PUT / HTTP/1.1\r\nHost: a\r\nConnection: close, token, upgrade, token, keep-alive\r\n\r\n", "over"],
  [
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: Something,\r\n Upgrade, ,Keep-Alive\r\nUpgrade: WebSocket\r\n\r\nxy",
    "400: a header is folded",
  ],
  ["GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, upgrade\r\nUpgrade: WebSocket\r\n\r\nxy", "half"],
  [
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, \r\n upgrade\r\nUpgrade: WebSocket\r\n\r\nxy",
    "400: a header is folded",
  ],
  [
    "PUT / HTTP/1.1\r\nHost: a\r\nConnection : upgrade\r\nContent-Length: 4\r\nUpgrade: ws\r\n\r\nabcdefgh",
    "400: a header has a space or tab before its colon",
  ],
  ["PUT / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: ws\r\n\r\n", "idle"],
  ["PUT / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nContent-Length: 4\r\nUpgrade: ws\r\n\r\nabcdefgh", "half"],
  ["GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n\r\nxy", "half"],
  [
    "POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: HTTP/2.0\r\nContent-Length: 15\r\n\r\nxxxxxxxxxxxxxxxxy",
    "half",
  ],
];

/** Content-Length. */
export const lengths: readonly Vector[] = [
  ["PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 003\r\n\r\nabc", "idle"],
  ["PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 003\r\nOhai: world\r\n\r\nabc", "idle"],
  [
    "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000000000000000\r\n",
    "half",
    "ours: headers are judged together when the last one has come, and trailers likewise",
  ],
  [
    "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n",
    "half",
    "ours: headers are judged together when the last one has come, and trailers likewise",
  ],
  [
    "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: identity\r\n\r\n",
    "400: the request has a Content-Length and a Transfer-Encoding",
  ],
  [
    "PUT / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nContent-Length : 4\r\nUpgrade: ws\r\n\r\nabcdefgh",
    "400: a header has a space or tab before its colon",
  ],
  ["GET / HTTP/1.0\r\nconTENT-Length: 5\r\n\r\nHELLO", "over"],
  ["POST / HTTP/1.1\r\nHost: a\r\nContent-Length:  42 \r\n\r\n", "half"],
  ["POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\t42\t  \r\n\r\n", "half"],
  ["POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4 2\r\n\r\n", "400: the Content-Length is not a number of bytes"],
  ["POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 13 37\r\n\r\n", "400: the Content-Length is not a number of bytes"],
  ["POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", "400: the Content-Length is not a number of bytes"],
  ["PUT / HTTP/1.1\r\nHost: a\r\nContent\rLength: 003\r\n\r\nabc", "400: a header has a CR without LF"],
  [
    "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 123\r\n\r\nPOST / HTTP/1.1\r\nHost: a\r\nContent-Length: 456\r\n\r\n",
    "half",
  ],
  ["PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\rabc", "half", "ours: a line is judged when its LF has come"],
];

/** Transfer-Encoding, and chunks. */
export const codings: readonly Vector[] = [
  ["PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", "half"],
  ["PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n", "idle"],
  ["PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n", "idle"],
  [
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1e\r\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n0\r\n\r\n",
    "idle",
  ],
  ["POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n000\r\n\r\n", "idle"],
  [
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\nVary: *\r\n\r\n",
    "idle",
  ],
  [
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;b;c=d;another=withvalue\r\nhello\r\n6;b;c\r\n world\r\n0\r\n",
    "half",
  ],
  [
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-encoding: chunked\r\n\r\n2 erfrferferf\r\naa\r\n0 rrrr\r\n\r\n",
    "400: the size of a chunk is malformed",
  ],
  [
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-encoding: chunked\r\n\r\n2;\r\naa\r\n0\r\n\r\n",
    "400: the size of a chunk is malformed",
  ],
  [
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;b="x \\"y\\"; \\\\z\\\\";c="d";c;foo=bar\r\nhello\r\n6;b;c\r\n world\r\n0\r\n',
    "half",
  ],
  [
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;b="abc";c="def; ghi\r\nhello\r\n6;b;c\r\n world\r\n0\r\n',
    "400: the size of a chunk is malformed",
  ],
  [
    "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: pigeons\r\n\r\n",
    "501: the only Transfer-Encoding here is chunked",
    "RFC 9112 §6.1: other codings than chunked are not implemented",
  ],
  [
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nWorld",
    "400: the request has a Content-Length and a Transfer-Encoding",
  ],
  [
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\nContent-Length: 1\r\n\r\nWorld",
    "400: the request has a Content-Length and a Transfer-Encoding",
  ],
  [
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\nTransfer-Encoding:\r\nTransfer-Encoding:\r\nTransfer-Encoding:\r\n\r\n2\r\nAA\r\n0",
    "400: the request has a Content-Length and a Transfer-Encoding",
  ],
  [
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, deflate\r\n\r\nWorld",
    "400: the Transfer-Encoding has chunked in a place that is not the last",
  ],
  [
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: deflate\r\n\r\nWorld",
    "400: the Transfer-Encoding has chunked in a place that is not the last",
  ],
  [
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: deflate, chunked\r\n\r\n5\r\nWorld\r\n0\r\n\r\n",
    "501: the only Transfer-Encoding here is chunked",
    "RFC 9112 §6.1: other codings than chunked are not implemented",
  ],
  [
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: deflate\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nWorld\r\n0\r\n\r\n",
    "501: the only Transfer-Encoding here is chunked",
    "RFC 9112 §6.1: other codings than chunked are not implemented",
  ],
  [
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunkedchunked\r\n\r\n5\r\nWorld\r\n0\r\n\r\n",
    "501: the only Transfer-Encoding here is chunked",
    "RFC 9112 §6.1: other codings than chunked are not implemented",
  ],
  [
    "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nfoo\r\n\r\n",
    "400: the size of a chunk is malformed",
  ],
  [
    "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3 \n  \r\nfoo\r\n\r\n",
    "400: the size of a chunk ends in LF without CR",
  ],
  [
    "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n  abc\r\n\r\n5\r\nWorld\r\n0\r\n\r\n",
    "400: a header is folded",
  ],
  [
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: close \r\nTransfer-Encoding: chunked \r\n\r\n5\r\r;ABCD\r\n34\r\nE\r\n0\r\n\r\nGET / HTTP/1.1 \r\nHost: a\r\nContent-Length: 5\r\n\r\n0\r\n",
    "400: the size of a chunk is malformed",
  ],
  [
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: close \r\nTransfer-Encoding: chunked \r\n\r\n6\r\r;ABCD\r\n33\r\nE\r\n0\r\n\r\nGET / HTTP/1.1 \r\nHost: a\r\nContent-Length: 5\r\n0\r\n\r\n",
    "400: the size of a chunk is malformed",
  ],
  [
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: close \r\nTransfer-Encoding: chunked \r\n\r\n5\r\nABCDE0\r\n",
    "400: a chunk is not followed by CR and LF",
  ],
  [
    "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\na \r\n0123456789\r\n0\r\n\r\n",
    "400: the size of a chunk is malformed",
  ],
];

/** Where the bytes end, and requests sent without waiting. */
export const ends: readonly Vector[] = [
  ["PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n", "half"],
  ["PUT / HTTP/1.1\r\nHost: a\r\nContent-Leng", "half"],
  ["POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", "idle"],
  ["PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\na;foo=bar\r\n0123456789\r\n0\r\n\r\n", "idle"],
  [
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nAAA\r\nPUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nBBBB\r\nPATCH / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nCCCC",
    "half",
  ],
];
