// What is asked of every server.

/** A row of the table. */
export interface Row {
  readonly id: string;
  readonly title: string;
  readonly path: string;
  readonly connections: number;
  /** A script of wrk's, if a plain GET is not enough. */
  readonly script?: string;
  /** What the answer must match. */
  readonly answer: RegExp;
}

const hello = /^Hello, World!$/;
const headers = Array.from({ length: 18 }, (_, i) => `wrk.headers["X-Header-${i}"] = "value of header ${i}"`);
const pipelined = `
init = function(args)
  local requests = {}
  for i = 1, 16 do requests[i] = wrk.format() end
  pipeline = table.concat(requests)
end
request = function() return pipeline end`;
const upload = `wrk.method = "POST"
wrk.body = string.rep("x", 16384)
wrk.headers["Content-Type"] = "application/octet-stream"`;

/** The rows, in their order in the table. */
export const rows: readonly Row[] = [
  { id: "plain", title: "plain text", path: "/plain", connections: 64, answer: hello },
  { id: "plain-1000", title: "plain text, 1,000 connections", path: "/plain", connections: 1_000, answer: hello },
  { id: "json", title: "JSON", path: "/json", connections: 64, answer: /^\{"message": ?"Hello, World!"\}\s*$/ },
  {
    id: "headers",
    title: "20 request headers",
    path: "/plain",
    connections: 64,
    script: headers.join("\n"),
    answer: hello,
  },
  { id: "upload", title: "16 kB up", path: "/upload", connections: 64, script: upload, answer: /^16384$/ },
  { id: "large", title: "100 kB down", path: "/large", connections: 64, answer: /^x{100000}$/ },
  { id: "stream", title: "a stream of 50 pieces", path: "/stream", connections: 64, answer: /^y{5000}$/ },
  { id: "pipelined", title: "pipelined × 16", path: "/plain", connections: 64, script: pipelined, answer: hello },
  { id: "log", title: "plain text, access log on", path: "/plain", connections: 64, answer: hello },
];
