// Answers that arrive before the request was completely sent, and connections that must not serve another request.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer as createNetServer, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { ClientSession } from "./session.ts";
import { type ClientError, ClientPayloadError, InvalidResponseError, ServerDisconnectedError } from "./errors.ts";
import { listen, serve, serveRaw, type TestServer, until } from "./server.fixture.ts";

const limited = { timeout: 20_000 };
const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

function answer(status: number, body = "no", headers = ""): string {
  return `HTTP/1.1 ${status} Text\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`;
}

/**
 * Answers the first request of a connection to `/early` without reading its body, and serves all other requests
 * correctly.
 */
function serveEarly(context: TestContext, early: string): Promise<TestServer> {
  return listen(
    context,
    createNetServer((socket) => {
      socket.on("data", (bytes: Buffer) => {
        const isEarly = bytes.includes(" /early ");
        if (isEarly) socket.pause();
        socket.write(isEarly ? early : ok);
      });
    }),
  );
}

async function* pieces(size: number): AsyncGenerator<Uint8Array> {
  for (let left = size; left > 0; left -= 65_536) yield Buffer.alloc(Math.min(left, 65_536));
}

const bodies: readonly [kind: string, make: (size: number) => string | Uint8Array | AsyncIterable<Uint8Array>][] = [
  ["text", (size) => "x".repeat(size)],
  ["bytes", (size) => Buffer.alloc(size)],
  ["a stream", pieces],
];

for (const [kind, make] of bodies) {
  for (const size of [20_000, 200_000, 1_000_000, 20_000_000]) {
    for (const status of [413, 307]) {
      test(
        `a connection that answered ${status} early to ${kind} of ${size} bytes is not used again`,
        limited,
        async (context) => {
          const server = await serveEarly(context, answer(status));
          await using session = new ClientSession({ baseUrl: server.url });
          const response = await session.post("early", { body: make(size), maxRedirects: 0 });
          assert.equal(response.status, status);
          assert.equal(await response.text(), "no");
          assert.equal(await (await session.post("next", { body: "x" })).text(), "ok");
          assert.equal(server.opened, 2);
        },
      );
    }
  }
}

test(
  "a connection is kept after an error to a small body, and after a success to a large one",
  limited,
  async (context) => {
    const server = await serve(context, (request, response) => {
      request.resume().once("end", () => {
        response.writeHead(request.url === "/bad" ? 422 : 201).end("done");
      });
    });
    await using session = new ClientSession({ baseUrl: server.url });
    for (const [path, body] of [
      ["bad", "x".repeat(16_384)],
      ["good", Buffer.alloc(3_000_000)],
      ["good", pieces(3_000_000)],
      ["bad", ""],
    ] as const) {
      assert.equal(await (await session.post(path, { body })).text(), "done");
      await until(() => session.statistics().idle === 1);
    }
    assert.equal(server.opened, 1);
  },
);

for (const end of ["resets", "closes"] as const) {
  for (const length of [
    "Content-Length: 2\r\n",
    "Connection: close\r\n",
    "Connection: close\r\nContent-Length: 2\r\n",
  ]) {
    const says = length.replaceAll("\r\n", " ");
    test(
      `an early answer with ${says}is read although the server ${end} and writing fails`,
      limited,
      async (context) => {
        const over = Promise.withResolvers<void>();
        const server = await listen(
          context,
          createNetServer((socket) => {
            socket.once("data", () => {
              socket.pause();
              socket.write(`HTTP/1.1 413 Too Large\r\n${length}\r\nno`);
              if (end === "resets") socket.resetAndDestroy();
              else socket.destroy();
              over.resolve();
            });
          }),
        );
        await using session = new ClientSession();
        // The next piece is written in the turn in which the server closes the connection, before the answer can be
        // read.
        async function* body(): AsyncGenerator<Uint8Array> {
          yield Buffer.alloc(100_000);
          await over.promise;
          for (;;) yield Buffer.alloc(100_000);
        }
        const response = await session.post(server.url, { body: body() });
        assert.equal(response.status, 413);
        assert.equal(await response.text(), "no");
        await until(() => session.statistics().open === 0);
      },
    );
  }
}

test("a request whose writing fails without an answer ends as one that the server left", limited, async (context) => {
  const over = Promise.withResolvers<void>();
  const server = await serveRaw(context, (socket) => {
    socket.resetAndDestroy();
    over.resolve();
  });
  await using session = new ClientSession();
  async function* body(): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(100_000);
    await over.promise;
    for (;;) yield Buffer.alloc(100_000);
  }
  await assert.rejects(session.post(server.url, { body: body() }), ServerDisconnectedError);
  assert.equal(session.statistics().open, 0);
});

const interim: readonly [what: string, before: string][] = [
  ["100", "HTTP/1.1 100 Continue\r\n\r\n"],
  ["100 with headers", "HTTP/1.1 100 Continue\r\nX: 100\r\nServer: a\r\n\r\n"],
  ["100 twice", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"],
  ["100 without a text", "HTTP/1.1 100 \r\n\r\n"],
  ["100 of HTTP/1.0", "HTTP/1.0 100 Continue\r\n\r\n"],
  ["100 that says how it ends", "HTTP/1.1 100 Continue\r\nConnection: close\r\nContent-Length: 5\r\n\r\n"],
  ["100 with bare line feeds", "HTTP/1.1 100 Continue\nX: 1\n\n"],
  ["100 behind empty lines", "\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n\r\n"],
  ["102, 100, 103 and 199", [102, 100, 103, 199].map((n) => `HTTP/1.1 ${n} Wait\r\nLink: </a>\r\n\r\n`).join("")],
  ["twenty of them", "HTTP/1.1 100 Continue\r\n\r\n".repeat(20)],
];

for (const [what, before] of interim) {
  test(`an unasked ${what} before the response is skipped, however the bytes arrive`, limited, async (context) => {
    const wire = before + ok;
    for (const step of [wire.length, 1, 7]) {
      const server = await serveRaw(context, (socket) => void drip(socket, wire, step));
      await using session = new ClientSession({ baseUrl: server.url });
      for (const method of ["GET", "POST", "HEAD"]) {
        const response = await session.request(method, "");
        assert.equal(response.status, 200);
        if (method !== "HEAD") assert.equal(await response.text(), "ok");
      }
    }
  });
}

async function drip(socket: Socket, text: string, step: number): Promise<void> {
  socket.setNoDelay(true);
  for (let at = 0; at < text.length && !socket.destroyed; at += step) {
    socket.write(text.slice(at, at + step));
    if (at + step < text.length) await new Promise((resolve) => setImmediate(resolve));
  }
}

test("a connection over which an interim response came is kept", limited, async (context) => {
  const server = await serveRaw(context, (socket) => void socket.write(`HTTP/1.1 100 Continue\r\n\r\n${ok}`));
  await using session = new ClientSession();
  for (let n = 0; n < 3; n++) assert.equal(await (await session.get(server.url)).text(), "ok");
  assert.equal(server.opened, 1);
});

for (const status of [100, 103]) {
  test(`a server that sends ${status} without end is left`, limited, async (context) => {
    const server = await serveRaw(context, (socket) => {
      const more = (): void => {
        if (!socket.destroyed) socket.write(`HTTP/1.1 ${status} Wait\r\n\r\n`.repeat(10), () => setImmediate(more));
      };
      more();
    });
    await using session = new ClientSession();
    await assert.rejects(session.get(server.url), (error: ClientError) => {
      assert.ok(error instanceof InvalidResponseError, String(error));
      assert.match(error.message, /as it was answered by interim responses only: limit is 100$/);
      return true;
    });
    await until(() => server.sockets.size === 0);
  });
}

test("a server that sends an interim head without end is left", limited, async (context) => {
  const server = await serveRaw(context, (socket) => {
    const more = (): void => {
      if (!socket.destroyed)
        socket.write("X-Another: header that means nothing\r\n".repeat(10), () => setImmediate(more));
    };
    socket.write("HTTP/1.1 103 Early Hints\r\n", more);
  });
  await using session = new ClientSession();
  await assert.rejects(session.get(server.url), (error: ClientError) => {
    assert.ok(error instanceof InvalidResponseError, String(error));
    assert.match(error.message, /as the head of its response is too large: limit is 16 KiB$/);
    return true;
  });
  await until(() => server.sockets.size === 0);
});

for (const [what, extra] of [
  ["another response", ok],
  ["an interim response", "HTTP/1.1 100 Continue\r\n\r\n"],
  ["junk", "junk"],
] as const) {
  test(`a connection that sent ${what} behind a response is not used again`, limited, async (context) => {
    const server = await serveRaw(context, (socket) => void socket.write(ok + extra));
    await using session = new ClientSession();
    for (let n = 1; n <= 3; n++) {
      assert.equal(await (await session.post(server.url, { body: "x" })).text(), "ok");
      assert.equal(server.opened, n);
    }
  });
}

for (const [what, unasked] of [
  ["answers", answer(408, "late", "Connection: close\r\n")],
  ["sends an interim response", "HTTP/1.1 100 Continue\r\n\r\n"],
  ["sends junk", "junk"],
  ["ends", undefined],
] as const) {
  test(
    `a kept connection on which the server ${what} before it is asked is not used again`,
    limited,
    async (context) => {
      const sockets: Socket[] = [];
      const server = await serveRaw(context, (socket) => {
        sockets.push(socket);
        socket.write(ok);
      });
      await using session = new ClientSession();
      await (await session.get(server.url)).text();
      await until(() => session.statistics().idle === 1);
      if (unasked === undefined) sockets[0]!.end();
      else sockets[0]!.write(unasked);
      await until(() => session.statistics().open === 0);
      assert.equal(await (await session.post(server.url, { body: "x" })).text(), "ok");
      assert.equal(server.opened, 2);
    },
  );
}

test(
  "a response that ends with its connection is whole when that is closed, not when it is reset",
  limited,
  async (context) => {
    const server = await serveRaw(context, (socket, asked) => {
      socket.write("HTTP/1.1 200 OK\r\n\r\nhalf", () => {
        if (asked.includes(" /whole ")) socket.end();
        else setImmediate(() => socket.resetAndDestroy());
      });
    });
    await using session = new ClientSession({ baseUrl: server.url });
    assert.equal(await (await session.get("whole")).text(), "half");
    await assert.rejects(
      async () => (await session.get("cut")).text(),
      (error: ClientError) => {
        assert.ok(error instanceof ClientPayloadError, String(error));
        assert.match(error.message, /as it broke off: read ECONNRESET/);
        return true;
      },
    );
    assert.equal(session.statistics().open, 0);
  },
);

test("a request over a kept connection that broke off within the head is not made again", limited, async (context) => {
  const asked: string[] = [];
  const server = await serveRaw(context, (socket, text) => {
    asked.push(text.slice(0, text.indexOf(" HTTP")));
    if (asked.length === 1) socket.write(ok);
    else socket.end("HTTP/1.1 200 O");
  });
  await using session = new ClientSession({ baseUrl: server.url });
  await (await session.get("first")).text();
  await assert.rejects(session.get("second"), ServerDisconnectedError);
  assert.deepEqual(asked, ["GET /first", "GET /second"]);
});

test(
  "a response is there although its server half-closes before the request was wholly sent",
  limited,
  async (context) => {
    const server = await listen(
      context,
      createNetServer({ allowHalfOpen: true }, (socket) => {
        socket.resume();
        void once(socket, "data").then(() => socket.end(answer(401)));
      }),
    );
    await using session = new ClientSession();
    const response = await session.post(server.url, { body: pieces(30_000_000) });
    assert.equal(response.status, 401);
    assert.equal(await response.text(), "no");
    await until(() => session.statistics().open === 0);
  },
);
