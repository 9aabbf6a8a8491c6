// SIGTERM to a server that is under load. Clients keep their connections and try nothing twice: each request that they sent on
// one is answered, and the last answer tells them to connect anew.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { pottle, Program } from "../../examples/_program.ts";
import { KeepAliveClient } from "./_keep-alive-client.ts";
import { until } from "./_scene.ts";

/** How long the clients have nothing to ask after each answer, in milliseconds: some go on at once. */
const pauses = [0, 0, 0, 1, 2, 5, 10, 20, 50, 100, 200, 300];

const programs: [name: string, args: readonly string[]][] = [
  ["runServer()", [join(import.meta.dirname, "_draining-server.ts")]],
  ["pottle run", [pottle, "run", join(import.meta.dirname, "_draining-app.ts"), "--port", "0"]],
];

for (const [name, args] of programs) {
  const title = `${name} loses no request of clients that keep their connections when SIGTERM ends it`;
  test(title, { timeout: 60_000 }, async (context) => {
    const child = new Program(context, args, { env: { NODE_ENV: "production" } });
    const [, port] = await child.printed(/http:\/\/127\.0\.0\.1:(\d+)/);
    const clients = [...pauses, ...pauses].map(() => new KeepAliveClient(Number(port)));
    const running = Promise.all(clients.map((client, index) => client.run(pauses[index % pauses.length]!)));
    const count = (): number => clients.reduce((sum, { answered }) => sum + answered, 0);
    await until(() => count() > 500 && clients.every(({ answered }) => answered > 0));
    const before = count();
    child.signal("SIGTERM");
    const all = await running;
    assert.equal(await child.ended, 0);
    assert.equal(all.filter(({ asked, answered }) => asked > answered).length, 0);
    assert.equal(all.filter(({ wasTold }) => wasTold).length, clients.length);
    context.diagnostic(
      `${clients.length} clients, ${before} answers before SIGTERM, ${count() - before} after it, 0 lost`,
    );
  });
}
