// A server whose file descriptors run out. The system closes the connections that have none; the server says so once, does not
// spin, serves the connections that it has, and serves new ones when there are descriptors again.

import assert from "node:assert/strict";
import { Agent } from "node:http";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Program } from "../../examples/_program.ts";
import { countsDescriptors, respond } from "./_scene.ts";

const program = join(import.meta.dirname, "_starved-server.ts");
const starve = 'ulimit -n 64 && exec "$0" "$@"';
const shortage = /no file descriptor is free/g;

test(
  "serve() goes on when file descriptors run out, says so once, and does not spin",
  { timeout: 60_000, skip: countsDescriptors ? false : "ulimit is for Linux" },
  async (context) => {
    const child = new Program(context, ["-c", starve, process.execPath, program], { command: "/bin/sh" });
    const [, port] = await child.printed(/listening http:\/\/127\.0\.0\.1:(\d+)/);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    context.after(() => agent.destroy());
    const neighbour = (): Promise<number> => cpuOf(Number(port), agent);
    await neighbour();

    const sockets = Array.from({ length: 100 }, () => open(Number(port)));
    const answered = (await Promise.all(sockets.map((socket) => ask(socket)))).filter(Boolean).length;
    assert.ok(answered > 0 && answered < 64, `${answered} were answered`);
    await child.printed(shortage);

    const before = await neighbour();
    const begun = performance.now();
    // While nothing can be accepted, clients go on trying.
    let tries = 0;
    for (; performance.now() - begun < 1_000; tries++) {
      assert.equal(await ask(open(Number(port))), false);
      await delay(10);
    }
    const used = (await neighbour()) - before;
    assert.ok(used < 500, `${used} ms of CPU in a second`);
    assert.equal(child.output.match(shortage)?.length, 1);

    for (const socket of sockets) socket.destroy();
    let again = false;
    while (!again) again = await ask(open(Number(port)));
    await neighbour();
    child.signal("SIGTERM");
    assert.equal(await child.ended, 0);
    assert.equal(child.stderr.trim().split("\n").length, 1, child.stderr);
    context.diagnostic(
      `100 connections, ${answered} answered, ${100 - answered} closed by the system, ${tries} more tries; ` +
        `1 line in the log; ${Math.round(used)} ms of CPU in that second`,
    );
  },
);

function open(port: number): Socket {
  return connect(port, "127.0.0.1").on("error", () => undefined);
}

/** Whether a request on a connection is answered; otherwise the connection is closed. */
function ask(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    socket.once("data", () => resolve(true)).once("close", () => resolve(false));
    socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  });
}

/** How many milliseconds of CPU time the server has used. */
async function cpuOf(port: number, agent: Agent): Promise<number> {
  const response = await respond({ host: "127.0.0.1", port, agent });
  const { cpu } = JSON.parse(await text(response)) as { cpu: number };
  return cpu;
}
