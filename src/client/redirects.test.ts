import assert from "node:assert/strict";
import { test } from "node:test";
import { ClientSession } from "./session.ts";
import { ClientPayloadError, InvalidRedirectUrl, TooManyRedirects } from "./errors.ts";
import { type Echo, echo, serve, type TestServer, until } from "./server.fixture.ts";

const limited = { timeout: 5_000 };

/** Answers `/STATUS/rest` with that status and `location`, and any other path with a description of the request. */
function serveRedirects(context: { after(fn: () => void): void }, location: string): Promise<TestServer> {
  return serve(context, (request, response) => {
    const status = /^\/(3\d\d)/.exec(request.url ?? "")?.[1];
    if (status === undefined) void echo(request, response);
    else request.resume().on("end", () => response.writeHead(Number(status), { Location: location }).end("moved"));
  });
}

for (const [status, method, after, keepsBody] of [
  [301, "GET", "GET", false],
  [301, "POST", "GET", false],
  [301, "PUT", "PUT", true],
  [302, "POST", "GET", false],
  [302, "DELETE", "DELETE", false],
  [303, "POST", "GET", false],
  [303, "PUT", "GET", false],
  [303, "HEAD", "HEAD", false],
  [307, "POST", "POST", true],
  [308, "POST", "POST", true],
  [308, "PATCH", "PATCH", true],
] as const) {
  test(
    `a redirect with ${status} makes of ${method} a ${after}${keepsBody ? " with its body" : ""}`,
    limited,
    async (context) => {
      const server = await serveRedirects(context, "../../there?x=1");
      await using session = new ClientSession();
      const options = keepsBody || method === "POST" ? { json: { a: 1 } } : {};
      const response = await session.request(method, `${server.url}${status}/from/here`, options);
      assert.equal(response.method, after);
      assert.equal(response.url, `${server.url}there?x=1`);
      assert.deepEqual(
        response.history.map((one) => [one.status, one.url]),
        [[status, `${server.url}${status}/from/here`]],
      );
      if (method === "HEAD") return;
      const asked = await response.json<Echo>();
      assert.equal(asked.method, after);
      assert.equal(asked.body, keepsBody ? '{"a":1}' : "");
      assert.equal(asked.headers["content-type"], keepsBody ? "application/json" : undefined);
    },
  );
}

test("a redirect to another origin takes no secrets along, one to the same origin does", limited, async (context) => {
  const other = await serve(context, (request, response) => void echo(request, response));
  const elsewhere = await serveRedirects(context, other.url);
  const here = await serveRedirects(context, "/here");
  await using session = new ClientSession({ headers: { Authorization: "Bearer x", Cookie: "a=1", "X-Other": "kept" } });
  const away = await (await session.get(`${elsewhere.url}302`)).json<Echo>();
  assert.equal(away.headers["authorization"], undefined);
  assert.equal(away.headers["cookie"], undefined);
  assert.equal(away.headers["x-other"], "kept");
  const stayed = await (await session.get(`${here.url}302`)).json<Echo>();
  assert.equal(stayed.headers["authorization"], "Bearer x");
  assert.equal(stayed.headers["cookie"], "a=1");
});

test("user and password of a URL are not sent to another origin", limited, async (context) => {
  const other = await serve(context, (request, response) => void echo(request, response));
  const elsewhere = await serveRedirects(context, other.url);
  await using session = new ClientSession();
  const { headers } = await (await session.get(`${elsewhere.url}302`.replace("//", "//ada:secret@"))).json<Echo>();
  assert.equal(headers["authorization"], undefined);
});

test("redirects without end are TooManyRedirects, after as many as allowed", limited, async (context) => {
  const server = await serveRedirects(context, "/302/again");
  await using session = new ClientSession();
  for (const maxRedirects of [1, 10]) {
    await assert.rejects(session.get(`${server.url}302`, { maxRedirects }), (error: TooManyRedirects) => {
      assert.ok(error instanceof TooManyRedirects);
      assert.equal(error.history.length, maxRedirects + 1);
      assert.match(error.message, /as it was redirected more than allowed: \d+ times$/);
      return error.status === 302;
    });
  }
  assert.equal(session.statistics().inUse, 0);
});

test("maxRedirects: 0 gives the redirect itself", limited, async (context) => {
  const server = await serveRedirects(context, "/there");
  await using session = new ClientSession({ maxRedirects: 0 });
  const response = await session.get(`${server.url}307`);
  assert.equal(response.status, 307);
  assert.equal(response.headers.get("location"), "/there");
  assert.equal(await response.text(), "moved");
});

for (const location of ["ftp://example.org/", "mailto:someone@example.org", "http://", "javascript:alert(1)"]) {
  test(`a redirect to ${location} is refused`, limited, async (context) => {
    const server = await serveRedirects(context, location);
    await using session = new ClientSession();
    await assert.rejects(session.get(`${server.url}301`), InvalidRedirectUrl);
    await until(() => session.statistics().inUse === 0);
  });
}

test("a redirect without a location, and 304, are the response", limited, async (context) => {
  const server = await serve(context, (request, response) => {
    response.writeHead(Number(request.url?.slice(1)), request.url === "/304" ? { Location: "/x" } : {}).end();
  });
  await using session = new ClientSession({ baseUrl: server.url });
  for (const status of [300, 302, 304]) assert.equal((await session.get(String(status))).status, status);
});

test("a redirect that wants a stream again is refused", limited, async (context) => {
  const server = await serveRedirects(context, "/there");
  async function* pieces(): AsyncGenerator<string> {
    yield "once";
  }
  await using session = new ClientSession();
  await assert.rejects(session.post(`${server.url}307`, { body: pieces() }), ClientPayloadError);
  assert.equal((await session.post(`${server.url}303`, { body: pieces() })).status, 200);
});

test("a redirect keeps the fragment, and sends none", limited, async (context) => {
  const server = await serveRedirects(context, "/there");
  await using session = new ClientSession();
  const response = await session.get(`${server.url}302#part`);
  assert.equal(response.url, `${server.url}there#part`);
  assert.equal((await response.json<Echo>()).url, "/there");
});

test("a redirect to bytes that are UTF-8 is followed", limited, async (context) => {
  const server = await serveRedirects(context, Buffer.from("/grüße").toString("latin1"));
  await using session = new ClientSession();
  assert.equal((await (await session.get(`${server.url}302`)).json<Echo>()).url, "/gr%C3%BC%C3%9Fe");
});

test("a redirect's own body is not waited for, and does not hold its connection", limited, async (context) => {
  const server = await serve(context, (request, response) => {
    if (request.url === "/there") return void echo(request, response);
    response.writeHead(302, { Location: "/there", "Content-Length": 1_000_000 });
    return void response.write("moved");
  });
  await using session = new ClientSession({ limit: 1 });
  assert.equal((await (await session.get(server.url)).json<Echo>()).url, "/there");
});

test("the total time limit spans all redirects", limited, async (context) => {
  const server = await serve(context, (_, response) => {
    setTimeout(() => response.writeHead(302, { Location: "/again" }).end(), 40);
  });
  await using session = new ClientSession();
  await assert.rejects(session.get(server.url, { timeout: 100 }), {
    name: "ClientTimeoutError",
    limit: "total",
    ms: 100,
  });
});
