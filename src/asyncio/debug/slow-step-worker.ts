// The thread that watches the main thread; slow-steps.ts explains how.

import type { Debugger } from "node:inspector";
import { Session } from "node:inspector/promises";
import { workerData } from "node:worker_threads";
import { answers, debugged, type Sighting, signs, type WatchData } from "./slow-step-protocol.ts";

const { numbers, port, duration, askForTask } = workerData as WatchData;

type Pause = Debugger.PausedEventDataType;

let knocks = 0;
let sign = -1;
let since = 0;
// Set while the main thread is being examined. It is called when the main thread gives a sign of life.
let movedOn: (() => void) | undefined;
let lookedAt = -1;

function tick(): void {
  const now = performance.now();
  const current = Atomics.load(numbers, signs);
  if (current !== sign) {
    sign = current;
    since = now;
    movedOn?.();
  }
  if (Atomics.load(numbers, answers) === knocks) knock();
  else if (now - since >= duration && lookedAt !== sign && movedOn === undefined) void look(sign);
}

function knock(): void {
  knocks++;
  port.postMessage(null);
}

async function look(at: number): Promise<void> {
  lookedAt = at;
  const { promise, resolve } = Promise.withResolvers<Pause | undefined>();
  movedOn = () => resolve(undefined);
  const session = new Session();
  try {
    const sighting = Atomics.load(numbers, debugged) === 1 ? undefined : await pauseMain(session, at, promise, resolve);
    port.postMessage(sighting ?? { sign: at, task: undefined, frames: [] });
  } finally {
    session.disconnect();
    movedOn = undefined;
  }
}

async function pauseMain(
  session: Session,
  at: number,
  paused: Promise<Pause | undefined>,
  resolve: (pause: Pause) => void,
): Promise<Sighting | undefined> {
  const scripts = new Map<string, string>();
  session.connectToMainThread();
  session.on("Debugger.scriptParsed", ({ params }) => scripts.set(params.scriptId, params.url));
  session.on("Debugger.paused", ({ params }) => resolve(params));
  await session.post("Debugger.enable");
  await session.post("Debugger.pause");
  const pause = await paused;
  if (pause === undefined) return undefined;
  try {
    if (Atomics.load(numbers, signs) !== at) return undefined;
    const frames = pause.callFrames.map((frame) => describeFrame(frame, scripts));
    return { sign: at, task: await findTask(session), frames };
  } finally {
    await session.post("Debugger.resume");
  }
}

function describeFrame({ functionName, location }: Debugger.CallFrame, scripts: Map<string, string>): string {
  const { scriptId, lineNumber, columnNumber = 0 } = location;
  const place = `${scripts.get(scriptId) ?? ""}:${lineNumber + 1}:${columnNumber + 1}`;
  return functionName === "" ? place : `${functionName} (${place})`;
}

// The task with the paused code. Outside any task, the expression throws there, and the result is `undefined`. It is
// evaluated in the global scope, because in the scope of the paused function its names may have other meanings.
async function findTask(session: Session): Promise<Sighting["task"]> {
  const { result, exceptionDetails } = await session.post("Runtime.evaluate", {
    expression: askForTask,
    returnByValue: true,
    silent: true,
  });
  return exceptionDetails === undefined ? (result.value as Sighting["task"]) : undefined;
}

// The first use of the inspector takes tens of milliseconds, later uses only a few. So the first one is made at the
// start.
async function warmUp(): Promise<void> {
  const session = new Session();
  session.connectToMainThread();
  await session.post("Debugger.enable");
  session.disconnect();
}

setInterval(tick, Math.max(duration / 4, 1));
await warmUp();
