import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { constants } from "node:os";
import { test } from "node:test";
import { isCancelled } from "../core/errors/errors.ts";
import { sleep } from "../core/waits/sleep.ts";
import { ConnectionResetError } from "../streams/errors.ts";
import { allTasks, createTask } from "../core/tasks/task.ts";
import { taskGroup } from "../combine/task-group.ts";
import {
  createSubprocessExec,
  createSubprocessShell,
  DEVNULL,
  PIPE,
  type SubprocessOptions,
} from "./create-subprocess.ts";
import type { Process } from "./process.ts";

const node = process.execPath;
const pipes: SubprocessOptions = { stdin: PIPE, stdout: PIPE, stderr: PIPE };

/** A process that copies what it reads. */
function cat(): Promise<Process> {
  return createSubprocessExec(node, ["-e", "process.stdin.pipe(process.stdout)"], { stdin: PIPE, stdout: PIPE });
}

/** A process that runs until it is killed. */
function sleeper(): Promise<Process> {
  return createSubprocessExec("sleep", ["3600"]);
}

/** Whether a process is running. A zombie, which has ended but was not reaped by its parent, is not. */
function isAlive(pid: number): boolean {
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)]);
  return /^[^Z\s]/.test(stdout.toString().trim());
}

test("Process carries bytes by its stdin and stdout (test_stdin_stdout)", async () => {
  await using child = await cat();
  child.stdin!.write("some data");
  await child.stdin!.drain();
  child.stdin!.close();
  assert.equal((await child.stdout!.read()).toString(), "some data");
  assert.equal(await child.wait(), 0);
});

test("Process.communicate() sends, reads all and waits (test_communicate)", async () => {
  const child = await createSubprocessExec(
    node,
    ["-e", "process.stdin.pipe(process.stdout); console.error('oops')"],
    pipes,
  );
  const [stdout, stderr] = await child.communicate("some data");
  assert.equal(stdout?.toString(), "some data");
  assert.equal(stderr?.toString(), "oops\n");
  assert.equal(child.returncode, 0);
});

test("Process.communicate() without input closes stdin (test_communicate_none_input)", async () => {
  const child = await cat();
  const [stdout, stderr] = await child.communicate();
  assert.equal(stdout?.length, 0);
  assert.equal(stderr, undefined);
  assert.equal(child.returncode, 0);
});

test("Process.communicate() reads more than the pipes hold, from both at once", async () => {
  const code = "process.stderr.write('e'.repeat(500000), () => process.stdout.write('o'.repeat(500000)))";
  const child = await createSubprocessExec(node, ["-e", code], pipes);
  const [stdout, stderr] = await child.communicate();
  assert.deepEqual([stdout?.length, stderr?.length], [500_000, 500_000]);
});

test("Process.communicate() refuses input where stdin is no pipe", async () => {
  await using child = await createSubprocessExec("sleep", ["3600"], { stdin: DEVNULL });
  await assert.rejects(child.communicate("x"), /stdin is not a pipe/);
});

test("createSubprocessShell() runs a command and gives its exit code (test_shell)", async () => {
  const child = await createSubprocessShell("exit 7");
  assert.equal(await child.wait(), 7);
});

test("Process.kill() ends it with SIGKILL (test_kill)", async () => {
  const child = await sleeper();
  assert.equal(child.kill(), true);
  assert.equal(await child.wait(), -constants.signals.SIGKILL);
  assert.equal(child.kill(), false);
});

test("Process.terminate() ends it with SIGTERM (test_terminate)", async () => {
  const child = await sleeper();
  child.terminate();
  assert.equal(await child.wait(), -constants.signals.SIGTERM);
});

test("Process.sendSignal() sends any signal (test_send_signal)", async () => {
  await using child = await createSubprocessShell(
    "trap 'echo got; exit 3' HUP; echo ready; while :; do sleep 0.01; done",
    { stdout: PIPE, stderr: DEVNULL },
  );
  await child.stdout!.readLine();
  child.sendSignal("SIGHUP");
  assert.equal((await child.stdout!.readLine()).toString(), "got\n");
  assert.equal(await child.wait(), 3);
  assert.equal(child.sendSignal("SIGHUP"), false);
});

test("Process.sendSignal() refuses a signal that does not exist", async () => {
  await using child = await sleeper();
  assert.throws(() => child.sendSignal("SIGNONE" as NodeJS.Signals), { code: "ERR_UNKNOWN_SIGNAL" });
});

test("StreamWriter.drain() to a process that does not read fails (test_stdin_broken_pipe)", async () => {
  await using child = await createSubprocessExec(node, ["-e", "process.stdin.destroy()"], { stdin: PIPE });
  child.stdin!.write(Buffer.alloc(1_000_000));
  await assert.rejects(child.stdin!.drain(), ConnectionResetError);
  await child.wait();
});

test("Process.communicate() with a process that does not read is no error (test_communicate_ignore_broken_pipe)", async () => {
  const child = await createSubprocessExec(node, ["-e", "process.stdin.destroy()"], { stdin: PIPE });
  await child.communicate(Buffer.alloc(1_000_000));
  assert.equal(child.returncode, 0);
});

test("Process.wait() that is cancelled leaves the process waitable (test_cancel_process_wait)", async () => {
  await using child = await sleeper();
  const wait = createTask(() => child.wait(), { eagerStart: true });
  wait.cancel();
  await assert.rejects(wait, isCancelled);
  assert.equal(child.returncode, undefined);
  child.kill();
  assert.equal(await child.wait(), -constants.signals.SIGKILL);
});

test("createSubprocessExec() that is cancelled kills the process (test_cancel_make_subprocess_transport_exec)", async () => {
  const tag = `3${process.pid}`;
  const start = createTask(() => createSubprocessExec("sleep", [tag]), { eagerStart: true });
  start.cancel();
  await assert.rejects(start, isCancelled);
  assert.equal(execFileSync("ps", ["-eo", "args"]).toString().includes(`sleep ${tag}`), false);
});

test("Process.close() kills a process that runs (test_close_kill_running)", async () => {
  const child = await createSubprocessExec("sleep", ["3600"], { stdout: PIPE });
  child.close();
  assert.equal(await child.wait(), -constants.signals.SIGKILL);
});

test("Process.close() leaves the exit code of one that has ended (test_close_dont_kill_finished)", async () => {
  const child = await createSubprocessShell("exit 5");
  await child.wait();
  child.close();
  assert.equal(child.returncode, 5);
});

test("Process.wait() gives ten tasks the same (test_subprocess_concurrent_wait)", async () => {
  await using child = await createSubprocessExec(
    node,
    ["-e", "process.stdin.on('end', () => process.exit(9)).resume()"],
    { stdin: PIPE },
  );
  const waits = Array.from({ length: 10 }, () => createTask(() => child.wait(), { eagerStart: true }));
  assert.equal(child.statistics().waiting, 10);
  child.stdin!.close();
  assert.deepEqual(await Promise.all(waits), Array(10).fill(9));
});

test("Process.communicate() that is cancelled kills the process, and is over when that is gone", async () => {
  const child = await createSubprocessExec("sleep", ["3600"], { stdout: PIPE });
  const run = createTask(() => child.communicate(), { eagerStart: true });
  run.cancel();
  await assert.rejects(run, isCancelled);
  assert.equal(child.returncode, -constants.signals.SIGKILL);
  assert.equal(isAlive(child.pid), false);
});

test("Process is killed with what its shell started", async () => {
  const child = await createSubprocessShell("sleep 3600 & echo $!; wait", { stdout: PIPE });
  const pid = Number(await child.stdout!.readLine());
  assert.equal(isAlive(pid), true);
  await child[Symbol.asyncDispose]();
  while (isAlive(pid)) await sleep(1);
});

test("Process ends with the group in which it was started", async () => {
  let child!: Process;
  await taskGroup(async () => {
    child = await sleeper();
  });
  assert.equal(child.returncode, -constants.signals.SIGKILL);
});

test("Process leaves neither a task nor a listener", async () => {
  const before = [allTasks().size, process.listenerCount("exit")];
  const child = await sleeper();
  assert.equal(process.listenerCount("exit"), before[1]! + 1);
  await child[Symbol.asyncDispose]();
  while (allTasks().size > before[0]!) await sleep(0);
  assert.deepEqual([allTasks().size, process.listenerCount("exit")], before);
});

test("createSubprocessExec() fails with the system's code if there is no such program", async () => {
  await assert.rejects(createSubprocessExec("no-such-program-anywhere"), { code: "ENOENT" });
});

test("createSubprocessExec() refuses text modes", async () => {
  await assert.rejects(createSubprocessExec("true", [], { encoding: "utf8" } as never), TypeError);
});

test("Process is killed when this program exits without having waited for it", async () => {
  const module = new URL("create-subprocess.ts", import.meta.url).href;
  const code = `const { createSubprocessExec } = await import(${JSON.stringify(module)});
    const child = await createSubprocessExec("sleep", ["3600"]); console.log(child.pid); process.exit(0);`;
  const [stdout] = await (
    await createSubprocessExec(node, ["--input-type=module", "-e", code], { stdout: PIPE })
  ).communicate();
  const pid = Number(stdout);
  assert.ok(pid > 0);
  while (isAlive(pid)) await sleep(1);
});
