import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";
import { findFreePort } from "./find-free-port.ts";

test("findFreePort() gives the port itself if it is free, else one after it", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  try {
    assert.ok((await findFreePort("127.0.0.1", port)) > port);
  } finally {
    server.close();
    await once(server, "close");
  }
  assert.equal(await findFreePort("127.0.0.1", port), port);
});

test("findFreePort() leaves it to whoever listens to say that there is no such address", async () => {
  assert.equal(await findFreePort("192.0.2.1", 5000), 5000);
});
