import type { AccessedExchange, AccessEntry } from "../../http/index.ts";

/** A request that was served. */
export const servedEntry: AccessEntry = {
  method: "GET",
  target: "/a%20b?x=1",
  peer: { address: "203.0.113.9", port: 51_234 },
  status: 200,
  bytes: 32,
  milliseconds: 2_000.625,
  outcome: { kind: "served" },
};

/** Its exchange. */
export const servedExchange: AccessedExchange = {
  rawHeaders: ["Host", "example.com", "User-Agent", "curl/8.5", "referer", "https://example.com/"],
  responseHeaders: ["Content-Type", "text/plain", "content-length", "32"],
  scheme: "http",
  httpVersion: "1.1",
  finished: true,
};
