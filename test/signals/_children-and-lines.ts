import { exec, execFile, fork, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createInterface, type Interface } from "node:readline";
import { createInterface as createPromising } from "node:readline/promises";
import { PassThrough } from "node:stream";
import { promisify } from "node:util";
import type { Scene } from "./_scene.ts";
import { abortError, deaf, drain, returns, type Way } from "./_way.ts";

function sleepy(signal: AbortSignal, scene: Scene): ChildProcess {
  return scene.child(spawn("sleep", ["5"], { signal }));
}

function ignore(): void {}

export const children: readonly Way[] = [
  abortError('`once(spawn(…), "exit")`', "at once", (signal, scene) => once(sleepy(signal, scene), "exit")),
  abortError(
    '`spawn(…).on("error", reject)`',
    "at once",
    (signal, scene) => new Promise((_resolve, reject) => sleepy(signal, scene).on("error", reject)),
  ),
  returns(
    '`spawn(…).on("close", resolve)`, its error ignored',
    "later",
    (signal, scene) => new Promise((resolve) => sleepy(signal, scene).on("error", ignore).on("close", resolve)),
  ),
  abortError(
    '`spawn(…).on("close", …)`, which rejects with the error it gave before',
    "later",
    (signal, scene) =>
      new Promise((_resolve, reject) => {
        let error: Error;
        sleepy(signal, scene)
          .on("error", (problem) => (error = problem))
          .on("close", () => reject(error));
      }),
  ),
  returns("`for await` over `child.stdout`", "later", (signal, scene) => {
    const child = sleepy(signal, scene).on("error", ignore);
    return drain(child.stdout!);
  }),
  abortError("`exec`, promisified", "at once", (signal) => promisify(exec)("sleep 5", { signal })),
  abortError("`execFile`, promisified", "at once", (signal) => promisify(execFile)("sleep", ["5"], { signal })),
  abortError(
    "`exec` with a callback that rejects",
    "at once",
    (signal) =>
      new Promise<void>((resolve, reject) =>
        exec("sleep 5", { signal }, (error) => (error instanceof Error ? reject(error) : resolve())),
      ),
  ),
  abortError(
    "`execFile` with a callback that rejects, of a child that ignores SIGTERM",
    "at once",
    (signal, scene) =>
      new Promise<void>((resolve, reject) => {
        const stubborn = ["-c", 'trap "" TERM; sleep 1'];
        scene.child(
          execFile("sh", stubborn, { signal }, (error) => (error === null ? resolve() : reject(error as Error))),
        );
      }),
  ),
  abortError('`once(fork(…), "exit")`', "at once", (signal, scene) => {
    const program = scene.stage.path("program.cjs");
    writeFileSync(program, "setTimeout(() => {}, 5_000)");
    return once(scene.child(fork(program, { signal, execArgv: [] })), "exit");
  }),
];

function lines(scene: Scene, signal?: AbortSignal): Interface {
  const options = { input: scene.stalled({ objectMode: false }), output: new PassThrough() };
  return scene.closes(createInterface(signal === undefined ? options : { ...options, signal }), close);
}

// Closing gives what it has to whoever asked: that comes after the run.
function close(it: Interface): void {
  it.close();
}

export const readlines: readonly Way[] = [
  abortError("`question` of `readline/promises`", "at once", (signal, scene) => {
    const input = scene.stalled({ objectMode: false });
    return createPromising({ input, output: new PassThrough() }).question("?", { signal });
  }),
  abortError("`rl.question`, promisified", "at once", (signal, scene) => {
    const rl = lines(scene);
    const question = Reflect.get(rl, "question") as (query: string, options: object) => void;
    return (promisify(question) as (query: string, options: object) => Promise<unknown>).call(rl, "?", { signal });
  }),
  deaf(
    "`rl.question` with a callback",
    (signal, scene) => new Promise((resolve) => lines(scene).question("?", { signal }, resolve)),
  ),
  returns("`for await` over `createInterface({ signal })`", "at once", (signal, scene) => drain(lines(scene, signal))),
  deaf('`once(createInterface({ signal }), "line")`', (signal, scene) => once(lines(scene, signal), "line")),
  returns('`once(createInterface({ signal }), "close")`', "at once", (signal, scene) =>
    once(lines(scene, signal), "close"),
  ),
];
