import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { test, type TestContext } from "node:test";
import { Event } from "../../asyncio/index.ts";
import { type ConnectionMessage, type RequestRefusedMessage, serve } from "../index.ts";

function hear<T>(context: TestContext, name: string, then?: () => void): T[] {
  const heard: T[] = [];
  const listener = (message: unknown): void => {
    heard.push(message as T);
    then?.();
  };
  subscribe(name, listener);
  context.after(() => unsubscribe(name, listener));
  return heard;
}

for (const engine of ["pottle", "node:http"] as const) {
  test(`serve() by ${engine} tells pottle:connection:open and :close of each connection, with its client`, async (context) => {
    const isOpen = new Event();
    const opened = hear<ConnectionMessage>(context, "pottle:connection:open", () => isOpen.set());
    const closed = hear<ConnectionMessage>(context, "pottle:connection:close");
    const server = await serve({ handle: (exchange) => exchange.respond(200, []) }, { port: 0, engine });
    const client = connect(server.address.port, server.address.host);
    await isOpen.wait();
    const port = client.localPort;
    assert.deepEqual([opened.length, opened[0]?.peer, closed.length], [1, { address: "127.0.0.1", port }, 0]);
    await server.close();
    client.destroy();
    assert.deepEqual([closed.length, closed[0]?.peer], [1, { address: "127.0.0.1", port }]);
    assert.equal(closed[0]?.connection, opened[0]?.connection);
  });
}

test("serve() tells pottle:request:refused of what it answers itself", async (context) => {
  const refused = hear<RequestRefusedMessage>(context, "pottle:request:refused");
  const started = hear<unknown>(context, "pottle:request:start");
  await using server = await serve({ handle: (exchange) => exchange.respond(200, []) }, { port: 0 });
  const client = connect(server.address.port, server.address.host);
  client.write("GET / HTTP/1.1\r\n\r\n");
  await text(client);
  assert.deepEqual(
    refused.map(({ entry }) => entry.outcome),
    [{ kind: "refused", reason: "the request has no Host header" }],
  );
  assert.deepEqual(started, []);
});
