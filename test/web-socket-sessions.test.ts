// Sessions of WebSockets by each protocol: what the client is sent when it is accepted, and when it is refused.

import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { WebSocket } from "ws";
import { HeaderList, type ResponseHead } from "../src/http/index.ts";
import { type RunningServer, serve } from "../src/server/index.ts";
import { currentUser, loginRequired, loginUser, sessionAuth } from "../src/web/auth/index.ts";
import { Pottle } from "../src/web/index.ts";
import { rateLimit } from "../src/web/limits/index.ts";
import { MemorySessionStore, session, sessions } from "../src/web/sessions/index.ts";
import { connectHttp2 } from "./server-http2/_client.ts";

/** Asks for a WebSocket, and returns the head of the answer. The client leaves then. */
type Ask = (server: RunningServer, path: string, cookie: string) => Promise<ResponseHead>;

const askHttp1: Ask = async ({ address: { host, port } }, path, cookie) => {
  const socket = new WebSocket(`ws://${host}:${port}${path}`, { headers: cookie === "" ? {} : { cookie } });
  const head = await new Promise<ResponseHead>((resolve, reject) => {
    socket.on("error", reject);
    socket.on("upgrade", ({ rawHeaders }) => resolve({ status: 101, headers: rawHeaders }));
    socket.on("unexpected-response", (request, { statusCode = 0, rawHeaders }) => {
      resolve({ status: statusCode, headers: rawHeaders });
      request.destroy();
    });
  });
  socket.on("error", () => undefined);
  socket.terminate();
  return head;
};

const askHttp2: Ask = async ({ address: { port } }, path, cookie) => {
  const connection = await connectHttp2(port);
  const stream = connection.session.request({
    ":method": "CONNECT",
    ":protocol": "websocket",
    ":path": path,
    "sec-websocket-version": "13",
    ...(cookie !== "" && { cookie }),
  });
  const [fields] = (await once(stream, "response")) as [Record<string, string | string[]>];
  stream.on("error", () => undefined);
  connection.leave();
  const headers = Object.entries(fields).flatMap(([name, value]) => [value].flat().flatMap((one) => [name, one]));
  const status = Number(fields[":status"]);
  return { status: status === 200 ? 101 : status, headers };
};

const ways = {
  "in the cookie": () => ({}),
  "in a store": () => ({ store: new MemorySessionStore() }),
};

function makeApp(options: object): Pottle {
  const app = new Pottle();
  sessions(app, { secretKey: "secret", ...options });
  sessionAuth(app, { loginPath: "/login" });
  app.websocket("/login", async (_, socket) => {
    loginUser("ada");
    await socket.send("x");
  });
  app.websocket("/refused", async (_, socket) => {
    session().set("refused", true);
    await socket.reject(409);
  });
  app.websocket(
    "/room",
    loginRequired(async (_, socket) => {
      await socket.accept({ headers: { "X-User": currentUser()?.id ?? "" } });
    }),
  );
  app.websocket(
    "/limited",
    rateLimit(1, 60_000).wrap((_: object, socket) => socket.accept()),
  );
  return app;
}

function cookieOf({ headers }: ResponseHead): string {
  return new HeaderList(headers).get("set-cookie")?.split(";")[0] ?? "";
}

for (const [protocol, ask] of Object.entries({ "HTTP/1.1": askHttp1, "HTTP/2": askHttp2 })) {
  for (const [way, optionsOf] of Object.entries(ways)) {
    test(`session() of a WebSocket is saved when it is accepted or refused, ${way}, over ${protocol}`, async () => {
      await using server = await serve(makeApp(optionsOf()), { port: 0 });
      const refused = await ask(server, "/refused", "");
      assert.equal(refused.status, 409);
      assert.match(cookieOf(refused), /^session=./);
      const anonymous = await ask(server, "/room", cookieOf(refused));
      assert.equal(anonymous.status, 401);
      assert.equal(new HeaderList(anonymous.headers).get("location"), undefined);
      const login = await ask(server, "/login", cookieOf(refused));
      assert.equal(login.status, 101);
      const room = await ask(server, "/room", cookieOf(login));
      assert.deepEqual([room.status, new HeaderList(room.headers).get("x-user")], [101, "ada"]);
    });
  }

  test(`rateLimit() refuses a WebSocket with 429, over ${protocol}`, async () => {
    await using server = await serve(makeApp({}), { port: 0 });
    const first = await ask(server, "/limited", "");
    assert.deepEqual([first.status, new HeaderList(first.headers).get("ratelimit-remaining")], [101, "0"]);
    const second = await ask(server, "/limited", "");
    assert.deepEqual([second.status, new HeaderList(second.headers).get("retry-after")], [429, "60"]);
  });
}
