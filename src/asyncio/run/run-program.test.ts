import assert from "node:assert/strict";
import { test } from "node:test";
import { type Ending, Program } from "../program.fixture.ts";

const prelude = `
  import { createTask, currentTask, run, runProgram, sleep } from "./index.ts";
  const say = (text) => console.log(String(text));
`;

async function endingOf(source: string): Promise<Ending> {
  using program = new Program(prelude + source);
  return await program.ending();
}

test("runProgram() gives the number that main returns, and 0 if it returns nothing", async () => {
  const { stdout } = await endingOf(`say(await runProgram(() => sleep(1, 3))); say(await runProgram(() => sleep(1)));`);
  assert.equal(stdout, "3\n0\n");
});

test("runProgram() throws what main throws, so that the process ends with code 1 and the error", async () => {
  const { code, stderr } = await endingOf(
    `process.exitCode = await runProgram(() => { throw new RangeError("odd"); });`,
  );
  assert.equal(code, 1);
  assert.match(stderr, /RangeError: odd/);
});

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const) {
  test(`runProgram() gives ${code} after ${signal}, when finally blocks have run`, async () => {
    using program = new Program(`${prelude}
      const code = await runProgram(async () => {
        try { say("ready"); await sleep(60_000); } finally { await sleep(5); say("cleaned up"); }
      });
      say(code);
    `);
    await program.printed("ready");
    program.kill(signal);
    const { code: ended, stdout } = await program.ending();
    assert.deepEqual([ended, stdout], [0, `ready\ncleaned up\n${code}\n`]);
  });
}

test("runProgram() lets onSignal handle a signal: the program goes on, and the next one that is not handled cancels it", async () => {
  using program = new Program(`${prelude}
    let heard = 0;
    say(await runProgram(async () => { say("ready"); await sleep(60_000); }, {
      onSignal: (signal) => { say(signal + ++heard); return heard < 3 ? "handled" : undefined; },
    }));
  `);
  await program.printed("ready");
  for (const n of [1, 2, 3]) {
    program.kill("SIGINT");
    await program.printed(`SIGINT${n}`);
  }
  assert.equal((await program.ending()).stdout, "ready\nSIGINT1\nSIGINT2\nSIGINT3\n130\n");
});

test("runProgram() leaves a main that took the cancellation back its time, beyond shutdownTimeout", async () => {
  using program = new Program(`${prelude}
    say(await runProgram(async () => {
      try { say("ready"); await sleep(60_000); } catch { currentTask().uncancel(); }
      await sleep(80);
      say("drained");
      return 0;
    }, { shutdownTimeout: 20 }));
  `);
  await program.printed("ready");
  program.kill("SIGTERM");
  const { stdout, stderr } = await program.ending();
  assert.deepEqual([stdout, stderr], ["ready\ndrained\n0\n", ""]);
});
