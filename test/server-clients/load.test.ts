// Programs that load a server: nghttp, h2load, wrk. Each says what went wrong with its requests.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isMissing, run, Served } from "./_served.ts";

for (const isSecure of [false, true]) {
  const how = isSecure ? "by TLS" : "in the clear";

  test(`nghttp is answered ${how}, and finds nothing wrong`, { skip: isMissing("nghttp") }, async () => {
    await using served = await Served.open({ isSecure });
    const { url } = served;
    const urls = [`${url}/`, `${url}/large`, `${url}/pieces`, `${url}/static/letters.txt`];
    const { code, stdout } = await run("nghttp", ["-v", "-n", "--no-dep", ...urls]);
    assert.equal(code, 0);
    assert.equal(stdout.match(/:status: 200/g)?.length, urls.length);
    assert.doesNotMatch(stdout, /RST_STREAM|error_code=(?!NO_ERROR)/i);
    assert.deepEqual(
      await served.outcomes(urls.length),
      urls.map(() => "served"),
    );
  });

  for (const [version, args] of [
    ["HTTP/2", []],
    ["HTTP/1.1", ["--h1"]],
  ] as const) {
    test(`h2load has each of its requests served by ${version} ${how}`, { skip: isMissing("h2load") }, async () => {
      const versions = new Set<string>();
      await using served = await Served.open({ isSecure }, (app) => ({
        ...app,
        handle: (exchange) => {
          versions.add(`HTTP/${exchange.httpVersion}`);
          return app.handle(exchange);
        },
      }));
      const streams = version === "HTTP/2" ? ["-m", "50"] : [];
      const { stdout } = await run("h2load", [...args, "-n", "2000", "-c", "5", ...streams, `${served.url}/`]);
      assert.match(stdout, /2000 total, 2000 started, 2000 done, 2000 succeeded, 0 failed, 0 errored, 0 timeout/);
      assert.match(stdout, /^status codes: 2000 2xx, 0 3xx, 0 4xx, 0 5xx$/m);
      assert.deepEqual([...versions], [version]);
      assert.deepEqual([...new Set(await served.outcomes(2_000))], ["served"]);
    });
  }

  test(`wrk has no errors ${how}`, { skip: isMissing("wrk") }, async () => {
    await using served = await Served.open({ isSecure });
    const { code, stdout } = await run("wrk", ["-t", "1", "-c", "8", "-d", "1s", `${served.url}/`]);
    assert.equal(code, 0, stdout);
    const [, count] = /^ +(\d+) requests in /m.exec(stdout) ?? [];
    assert(Number(count) > 0, stdout);
    assert.doesNotMatch(stdout, /Socket errors|Non-2xx/);
    // What wrk asks for last it does not wait for.
    assert(served.entries.filter(({ outcome }) => outcome.kind === "served").length >= Number(count));
    assert(served.entries.every(({ outcome }) => outcome.kind === "served" || outcome.kind === "cancelled"));
  });
}
