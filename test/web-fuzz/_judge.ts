// What must hold of every answer, whatever was asked.

import assert from "node:assert/strict";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { Parser } from "htmlparser2";
import { timeout } from "../../src/asyncio/index.ts";
import { isFieldValue, isToken } from "../../src/http/index.ts";
import { ContentTooLarge } from "../../src/web/index.ts";
import type { Pottle, TestRequestOptions, TestResponse } from "../../src/web/index.ts";
import type { Sent } from "./_requests.ts";

/** Sends a request in memory. @throws {TimeoutError} If it hangs. */
export async function send(app: Pottle, sent: Sent): Promise<TestResponse> {
  const headers = sent.headers.flatMap(([name, value]) => [name, value]);
  const options: TestRequestOptions = { headers, body: sent.body };
  const client = app.testClient({ useCookies: false });
  return await timeout(10_000, () => client.open(sent.method, sent.target, options).response());
}

/** Checks an answer. @throws {AssertionError} If it is none that may be sent to a hostile client. */
export function judge(response: TestResponse): void {
  const { status, headers, outcome } = response;
  // What streams the body of a request finds out too late that it is too large.
  if (outcome.kind === "failed" && !(outcome.error instanceof ContentTooLarge)) throw outcome.error;
  assert.ok(status >= 200 && status < 500, `the status is ${status}`);
  for (const [name, value] of headers) {
    assert.ok(isToken(name) && isFieldValue(value), `${name}: ${JSON.stringify(value)} is no header`);
    assert.ok(!/^set-cookie$/i.test(name) || !value.startsWith("evil="), "a cookie was injected");
  }
  judgeLocation(headers.get("Location"));
  assert.ok(!headers.getAll("Access-Control-Allow-Origin").some((origin) => !/[./]friend\.example$/.test(origin)));
  const body = decode(response);
  assert.ok(!/the (?:secret|hidden) file/.test(body), "a file outside of the folder was sent");
  if (headers.get("Content-Type")?.startsWith("text/html") === true) judgeMarkup(body);
}

/** A redirect leads to this site. */
function judgeLocation(location: string | undefined): void {
  if (location === undefined) return;
  assert.match(location, /^[\x21-\x7e]+$/);
  const { host } = new URL(location, "http://here.example/");
  assert.ok(!host.includes("evil"), `the redirect leads to ${location}`);
}

const decoders = { gzip: gunzipSync, br: brotliDecompressSync, zstd: zstdDecompressSync } as const;

function decode(response: TestResponse): string {
  const { headers, status } = response;
  const body = Buffer.from(response.bytes());
  const coding = headers.get("Content-Encoding") as keyof typeof decoders | undefined;
  return coding === undefined || status === 206 || body.length === 0
    ? body.toString()
    : decoders[coding](body).toString();
}

/** No element and no attribute came from what was sent, and no address runs code. */
export function judgeMarkup(markup: string): void {
  const parser = new Parser({
    onopentag(name, attributes) {
      assert.ok(name !== "evil", `an element was injected: ${markup}`);
      for (const [attribute, value] of Object.entries(attributes)) {
        assert.ok(!/^(?:evil|on)/.test(attribute), `an attribute was injected: ${markup}`);
        assert.ok(!/^(?:href|src|action)$/.test(attribute) || !/^\s*javascript:/i.test(value), `code in ${markup}`);
      }
    },
  });
  parser.end(markup);
}
