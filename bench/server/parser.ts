// What it costs to parse a request without a body that arrives in one piece, beside the bare cost of a string of its bytes.
//
//   node bench/server/parser.ts
//
// cold: no two requests in a row have the same headers, nor headers of the same length; where the length is the same, a
// cold one costs one more string. repeated: all have the same headers, as those of a client on a kept connection.
// Each figure is the least of several runs: what else the machine does only ever adds to it.

import { RequestParser } from "../../src/server/http1/request-parser.ts";

const limits = { requestLine: 8_192, headSize: 16_384, headerCount: 100, chunkExtensions: 16_384 };
const perRun = 20_000;
const runs = 150;

const headers: readonly string[] = [
  "Host: www.example.org",
  "Connection: keep-alive",
  "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
  "Accept-Language: en-US,en;q=0.5",
  "Accept-Encoding: gzip, deflate, br",
  "Referer: https://www.example.org/index.html",
  "Cookie: session=0123456789abcdef0123456789abcdef",
  "Cache-Control: max-age=0",
  "Upgrade-Insecure-Requests: 1",
  "Sec-Fetch-Dest: document",
  "Sec-Fetch-Mode: navigate",
  "Sec-Fetch-Site: same-origin",
  "Sec-Fetch-User: ?1",
  'If-None-Match: "0123456789abcdef"',
  "If-Modified-Since: Fri, 27 Nov 2026 10:00:00 GMT",
  "X-Forwarded-For: 192.0.2.1",
  "X-Forwarded-Proto: https",
  "X-Request-Id: 0123456789abcdef",
  "Priority: u=0, i",
];

/** A request with the first `count` headers, of which the last has `mark` behind it. */
function requestOf(count: number, mark: string): Buffer {
  return Buffer.from(["GET /articles/42?page=7 HTTP/1.1", ...headers.slice(0, count)].join("\r\n") + `${mark}\r\n\r\n`);
}

/** Runs `step` again and again; gives nanoseconds for each. */
function measure(step: (index: number) => void): number {
  let least = Infinity;
  for (let run = 0; run < runs; run++) {
    const start = process.hrtime.bigint();
    for (let index = 0; index < perRun; index++) step(index);
    least = Math.min(least, Number(process.hrtime.bigint() - start) / perRun);
  }
  return least;
}

let told = 0;

function newParser(): RequestParser {
  return new RequestParser(
    {
      onHead: (head) => void (told += head.rawHeaders.length),
      onBody: () => undefined,
      onEnd: () => void told++,
      onFault: ({ reason }) => {
        throw new Error(reason);
      },
    },
    limits,
  );
}

console.log("headers | bytes | string (ns) | repeated (ns) | cold (ns)");
for (const count of [2, 8, 20]) {
  const requests = [requestOf(count, "a"), requestOf(count, "bcd")] as const;
  const [first] = requests;
  const string = measure(() => void (told += first.toString("latin1", 0, first.length).length));
  const repeating = newParser();
  const repeated = measure(() => void repeating.push(first));
  const changing = newParser();
  const cold = measure((index) => void changing.push(requests[(index & 1) as 0 | 1]));
  const cells = [count, first.length, ...[string, repeated, cold].map((ns) => Math.round(ns))];
  console.log(cells.join(" | "));
}
if (told === 0) throw new Error("Nothing was parsed");
