import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { test } from "node:test";

/** What a program prints that runs an application with `options`, and is sent SIGTERM after one request. */
async function printedBy(options: string): Promise<string> {
  const program = `
    import { Pottle } from ${JSON.stringify(new URL("../index.ts", import.meta.url).href)};
    const app = new Pottle();
    app.get("/a", () => "Hello");
    const onListening = async (server) => {
      await (await fetch(server.url + "/a")).text();
      process.kill(process.pid, "SIGTERM");
    };
    await app.run({ port: 0, onListening, ${options} });
  `;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return await text(child.stdout);
}

test("app.run() prints a line for each request, without colours if it is not read in a terminal", async () => {
  assert.match(await printedBy(""), /^127\.0\.0\.1:\d+ GET \/a 200 5 B \d+ ms served\n$/);
});

test("app.run() prints the format that is asked for", async () => {
  assert.equal(await printedBy('accessLog: "%(m)s %(U)s"'), "GET /a\n");
});

for (const options of ["accessLog: false", "onAccess: () => {}"]) {
  test(`app.run() with ${options} prints no line`, async () => {
    assert.equal(await printedBy(options), "");
  });
}
