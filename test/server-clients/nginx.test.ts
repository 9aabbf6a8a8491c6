// nginx in front, as a proxy that keeps its connections: it passes on what its clients do, their leaving included. How
// its configuration in docs/deploying.md does is tested in src/cli/workers/deploying.test.ts.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { tmpdir } from "node:os";
import { test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Program } from "../../examples/_program.ts";
import { isMissing, Served } from "./_served.ts";

const skip = isMissing("nginx");
const timeout = 60_000;

/** A port that was free a moment ago. */
async function findPort(): Promise<number> {
  const server = createServer().listen({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Starts nginx in front of a server; returns its address. */
async function startProxy(context: TestContext, served: Served): Promise<string> {
  const port = await findPort();
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((each) => `${each}_temp_path ${each};`);
  const { host, port: behind } = served.server.address;
  const path = served.write(
    "nginx.conf",
    `daemon off; master_process off; pid nginx.pid; error_log stderr; events {}
http {
  access_log off; client_max_body_size 16m; ${temporary.join(" ")}
  map $http_upgrade $connection_upgrade { default upgrade; "" ""; }
  upstream app { server ${host.startsWith("unix:") ? host : `${host}:${behind}`}; keepalive 16; keepalive_timeout 4s; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://app;
      proxy_http_version 1.1;
      proxy_set_header Connection $connection_upgrade;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Host $host;
      proxy_buffering off;
    }
  }
}`,
  );
  const program = new Program(context, ["-p", dirname(path), "-c", "nginx.conf", "-e", "stderr"], { command: "nginx" });
  const url = `http://127.0.0.1:${port}`;
  const isThere = (): Promise<boolean> =>
    fetch(url).then(
      () => true,
      () => false,
    );
  while (!(await isThere())) await Promise.race([delay(10), program.ended.then(() => assert.fail(program.output))]);
  return url;
}

for (const host of ["127.0.0.1", `unix:${join(tmpdir(), `pottle-nginx-${process.pid}.sock`)}`]) {
  const how = host.startsWith("unix:") ? "by a Unix socket" : "by a port";

  test(`nginx passes requests on ${how}, on connections that it keeps`, { skip, timeout }, async (context) => {
    await using served = await Served.open({ host });
    const url = await startProxy(context, served);
    for (let i = 0; i < 20; i++) assert.equal(await (await fetch(url)).text(), "Hello by HTTP/1.1 and http");
    // By a Unix socket they are not told apart.
    const connections = new Set(served.entries.map(({ peer }) => peer?.port));
    assert(connections.size < 10, `${connections.size} connections`);
    assert.equal(await (await fetch(`${url}/pieces`)).text(), "one two three");
    assert.equal((await (await fetch(`${url}/large`)).bytes()).length, 10_000_000);
    const posted = await fetch(`${url}/length`, { method: "POST", body: "x".repeat(3_000_000) });
    assert.equal(await posted.text(), "3000000 bytes");
    assert.equal((await fetch(`${url}/unwanted`, { method: "PUT", body: "x".repeat(3_000_000) })).status, 413);
    const part = await fetch(`${url}/static/letters.txt`, { headers: { Range: "bytes=0-2" } });
    assert.deepEqual([part.status, await part.text()], [206, "abc"]);
    assert(served.entries.every(({ outcome }) => outcome.kind === "served"));
  });

  test(`nginx tells ${how} that its client has left`, { skip, timeout }, async (context) => {
    await using served = await Served.open({ host });
    const url = await startProxy(context, served);
    const before = served.entries.length;
    const leaving = new AbortController();
    const { signal } = leaving;
    const waiting = fetch(`${url}/wait/leaving`, { signal });
    const stream = await fetch(`${url}/stream/streamed`, { signal });
    const socket = new WebSocket(`${url.replace("http", "ws")}/wait/socket`);
    const stays = fetch(`${url}/wait/staying`);
    for (const name of ["leaving", "streamed", "socket", "staying"]) await served.stops.at(name).entered.wait();

    leaving.abort();
    await assert.rejects(waiting, { name: "AbortError" });
    await assert.rejects(stream.text(), { name: "AbortError" });
    const outcomes = await served.outcomes(before + 2);
    assert.deepEqual(outcomes.slice(before), ["cancelled", "cancelled"]);
    assert(["leaving", "streamed"].every((name) => served.stops.at(name).isClean));

    for (const name of ["socket", "staying"]) served.stops.at(name).go.set();
    assert.equal(await (await stays).text(), "stayed");
    socket.close();
    await served.outcomes(before + 4);
  });
}
