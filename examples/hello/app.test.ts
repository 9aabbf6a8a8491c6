import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { serve } from "../_program.ts";

const file = join(import.meta.dirname, "app.ts");

async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const start = performance.now();
  return [await work(), performance.now() - start];
}

function assertAbout(ms: number, expected: number, limit: number = expected + 800): void {
  assert.ok(ms > expected - 20 && ms < limit, `took ${ms} ms instead of about ${expected}`);
}

/** Sends a request by hand, so that it can be left in the middle. */
function request(url: string, head: string, body = ""): Socket {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(
    `${head} HTTP/1.1\r\nHost: ${hostname}\r\n${body === "" ? "" : `Content-Length: ${body.length}\r\n`}\r\n${body}`,
  );
  return socket;
}

describe("the hello app", { concurrency: true }, () => {
  const serving = serve({ after }, file);

  test("GET / answers after 1 s", async () => {
    const [, url] = await serving;
    const [response, ms] = await timed(() => fetch(url));
    assert.equal(await response.text(), "Hello, Async World!");
    assertAbout(ms, 1_000);
  });

  test("GET /data answers a client that stays, after 2 s", async () => {
    const [program, url] = await serving;
    const [response, ms] = await timed(() => fetch(`${url}/data?stays`));
    assert.equal(await response.text(), '{"message":"This is async data"}');
    assertAbout(ms, 2_000);
    await program.printed(/GET \/data\?stays 200 \d+ B \d+ ms served\n/);
  });

  test("GET /concurrent answers after 2 s, not 3, also two hundred at once", async () => {
    const [, url] = await serving;
    const [first, alone] = await timed(async () => (await fetch(`${url}/concurrent`)).text());
    assert.equal(first, '{"results":["Task 1 complete","Task 2 complete"]}');
    assertAbout(alone, 2_000);
    const [all, together] = await timed(() =>
      Promise.all(Array.from({ length: 200 }, async () => (await fetch(`${url}/concurrent`)).text())),
    );
    assert.deepEqual(new Set(all), new Set([first]));
    assertAbout(together, 2_000, 5_000);
  });

  test("GET /plaintext answers at once", async () => {
    const [, url] = await serving;
    assert.equal(await (await fetch(`${url}/plaintext`)).text(), "Hello, World!");
  });
});

for (const [what, head, body] of [
  ["a GET", "GET /data", ""],
  ["a POST whose 1 MB nobody read", "POST /data", "x".repeat(1_000_000)],
] as const) {
  test(`/data is cancelled, with the task that it started, when its client leaves after 0.5 s: ${what}`, async (context) => {
    const [program, url] = await serve(context, file);
    const socket = request(url, head, body);
    await delay(500);
    socket.destroy();
    const [line] = await program.printed(/(GET|POST) \/data.*\n/);
    assert.match(line, /\/data - 0 B \d+ ms cancelled: Client 127\.0\.0\.1:\d+ disconnected after [4-9]\d\d ms\n/);
    assert.match(program.output, /\/data: over\n\/data: its task is over\n.*cancelled/);
  });
}

test("SIGTERM lets a running request end, and the app exits with 0", async (context) => {
  const [program, url] = await serve(context, file);
  const answer = fetch(url);
  await delay(300);
  program.signal("SIGTERM");
  assert.equal(await (await answer).text(), "Hello, Async World!");
  assert.equal(await program.ended, 0);
  await assert.rejects(fetch(url));
});

test("Ctrl+C cancels a running request, and the app exits with 130", async (context) => {
  const [program, url] = await serve(context, file);
  const [answer] = await Promise.all([fetch(`${url}/data`), delay(300).then(() => program.signal("SIGINT"))]);
  assert.equal(answer.status, 503);
  assert.equal(await program.ended, 130);
  assert.match(program.output, /\/data: over\n\/data: its task is over\n.*GET \/data 503 .* cancelled/);
});
