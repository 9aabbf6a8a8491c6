import assert from "node:assert/strict";
import { test } from "node:test";
import { type Ending, Program } from "../program.fixture.ts";

const prelude = `
  import { createSocket } from "node:dgram";
  import { createServer } from "node:net";
  import { run, sleep } from "./index.ts";
`;

async function endingOf(source: string): Promise<Ending> {
  using program = new Program(prelude + source);
  return await program.ending();
}

test("run() names what keeps the process alive a second after it has ended, with counts, once", async () => {
  const { stderr, code } = await endingOf(`
    await run(async () => {
      const server = createServer().listen(0, () => {});
      const timers = [setInterval(() => {}, 9_000), setInterval(() => {}, 9_000)];
      setTimeout(() => { server.close(); for (const timer of timers) clearInterval(timer); }, 1_300);
      await sleep(1);
    });
    await run(() => sleep(1));
    await new Promise((resolve) => setTimeout(resolve, 1_150));
    await run(async () => {
      const socket = createSocket("udp4").bind(0);
      setTimeout(() => socket.close(), 1_300);
    });
  `);
  assert.equal(code, 0);
  assert.match(stderr, /^run\(\) has ended, but the process stays alive for what was opened and not closed: /);
  assert.match(stderr, /1 TCP server/);
  assert.match(stderr, /3 timers/);
  assert.equal(stderr.split("\n").length, 2);
});

test("run() names nothing that was opened before it, after it, or closed within the second", async () => {
  const { stderr, code } = await endingOf(`
    const before = setInterval(() => {}, 9_000);
    await run(async () => {
      setTimeout(() => {}, 300);
      console.log("printed");
      await sleep(1);
    });
    const after = createServer().listen(0);
    setTimeout(() => { clearInterval(before); after.close(); }, 1_300);
  `);
  assert.deepEqual([stderr, code], ["", 0]);
});
