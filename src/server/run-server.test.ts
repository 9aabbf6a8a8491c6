import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";

const program = `
import { sleep } from ${JSON.stringify(import.meta.resolve("../asyncio/index.ts"))};
import { runServer } from ${JSON.stringify(import.meta.resolve("./index.ts"))};
import { formatAccessEntry } from ${JSON.stringify(import.meta.resolve("../http/index.ts"))};
const app = {
  async handle(exchange) {
    console.log("entered " + exchange.target);
    await sleep(Number(exchange.target.slice(1)));
    await exchange.respond(200, [], "served");
  },
};
await runServer(app, {
  port: 0,
  drainTimeout: Number(process.argv[1]),
  onListening: ({ url }) => console.log("listening " + url),
  onAccess: (entry) => console.log(formatAccessEntry(entry)),
});
console.log("resolved");
`;

interface Program {
  readonly process: ChildProcess;
  /** Waits for a line that begins so, and returns the rest of it. */
  line(beginning: string): Promise<string>;
}

function start(drainTimeout = 1_000): Program {
  const child = spawn(process.execPath, ["--input-type=module", "-e", program, String(drainTimeout)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  const line = async (beginning: string): Promise<string> => {
    for (;;) {
      const found = text.split("\n").find((one) => one.startsWith(beginning));
      if (found !== undefined) return found.slice(beginning.length);
      await Promise.race([once(child.stdout, "data"), once(child, "close")]);
      if (child.exitCode !== null && !text.includes(beginning)) throw new Error(`No line '${beginning}' in: ${text}`);
    }
  };
  return { process: child, line };
}

test("runServer() drains on SIGTERM and resolves, so that the process ends with 0", { timeout: 20_000 }, async () => {
  const child = start();
  const answer = fetch(`${await child.line("listening ")}/300`);
  await child.line("entered /300");
  child.process.kill("SIGTERM");
  assert.equal(await (await answer).text(), "served");
  await child.line("resolved");
  assert.deepEqual(await once(child.process, "exit").catch(() => []), [0, null]);
});

test("runServer() drains on Ctrl+C, and the process ends with 130", { timeout: 20_000 }, async () => {
  const child = start();
  const answer = fetch(`${await child.line("listening ")}/300`);
  await child.line("entered /300");
  child.process.kill("SIGINT");
  const exit = once(child.process, "exit");
  assert.equal(await (await answer).text(), "served");
  assert.deepEqual(await exit, [130, null]);
});

test("runServer() cancels on a signal what is not over in time", { timeout: 20_000 }, async () => {
  const child = start();
  const answer = fetch(`${await child.line("listening ")}/60000`);
  await child.line("entered /60000");
  const exit = once(child.process, "exit");
  child.process.kill("SIGTERM");
  assert.equal((await answer).status, 503);
  assert.match(await child.line("127.0.0.1:"), /^\d+ GET \/60000 503 .* cancelled: Server is shutting down/);
  assert.deepEqual(await exit, [0, null]);
});

test("runServer() ends at once on a second signal", { timeout: 20_000 }, async () => {
  const child = start(600_000);
  const answer = fetch(`${await child.line("listening ")}/600000`).catch(() => "cut");
  await child.line("entered /600000");
  const exit = once(child.process, "exit");
  // Signals that come before the first one was heard count as one, so it is sent until it has its effect.
  const again = setInterval(() => child.process.kill("SIGINT"), 50);
  assert.deepEqual(await exit, [130, null]);
  clearInterval(again);
  assert.equal(await answer, "cut");
});
