import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Pottle } from "pottle";
import { evenIfItFails } from "./even-if-it-fails.ts";

function appWith(start: () => void): Pottle {
  const inner = new Pottle();
  inner.get("/", () => "It runs.");
  inner.onStart(start);
  const app = new Pottle();
  app.mount("/inner", evenIfItFails("inner", inner));
  return app;
}

test("evenIfItFails() is the application, if that starts", async () => {
  let started = 0;
  await using client = await appWith(() => void started++)
    .testClient()
    .start();
  assert.equal((await client.get("/inner/")).text(), "It runs.");
  assert.equal(started, 1);
});

test("evenIfItFails() says why the application could not start", async (context) => {
  const printed = mock.method(console, "error", () => {}).mock;
  context.after(() => mock.restoreAll());
  const fail = (): never => {
    throw new Error("no room");
  };
  await using client = await appWith(fail).testClient().start();
  const response = await client.get("/inner/");
  assert.deepEqual([response.status, response.text()], [503, "inner could not be started: no room\n"]);
  assert.deepEqual(printed.calls[0]?.arguments, ["inner could not be started: no room"]);
});
