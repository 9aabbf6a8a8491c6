import { ambientExpression, Event, moveOnAfter, type TaskReference } from "../../asyncio/index.ts";
import type { InspectorSession } from "./inspector-session.ts";

/** That one step keeps everything else from going on. */
export interface Block {
  /** The task whose step it is; `undefined` if it is code outside any task. */
  readonly task: TaskReference | undefined;
  /** Its calls, innermost first: `parse (file:///app.ts:12:9)`. Empty if it could not be stopped to look. */
  readonly calls: readonly string[];
}

interface Frame {
  readonly functionName: string;
  readonly location: { readonly scriptId: string; readonly lineNumber: number; readonly columnNumber?: number };
}

/** Longer than this an event loop that is free does not take to come round, in milliseconds. */
const freeWithin = 300;
const pauseWithin = 1_000;
const callsShown = 10;

const comeRound = "new Promise((done) => setImmediate(() => done(true)))";
const askForTask = `(({ id, name }) => ({ id, name }))(${ambientExpression("runtime")}.storage.getStore()?.task ?? {})`;

/** What keeps the event loop of a process from coming round; `undefined` if nothing does. */
export async function readBlock(session: InspectorSession): Promise<Block | undefined> {
  if (await comesRound(session)) return undefined;
  const block = await stopToLook(session);
  // Where no code of the program runs, it was only slow to come round.
  return block.calls.length === 0 && (await comesRound(session)) ? undefined : block;
}

async function comesRound(session: InspectorSession): Promise<boolean> {
  return (await moveOnAfter(freeWithin, () => session.evaluate(comeRound, true))) === true;
}

async function stopToLook(session: InspectorSession): Promise<Block> {
  const scripts = new Map<string, string>();
  let frames: readonly Frame[] = [];
  const paused = new Event();
  session.on("Debugger.scriptParsed", (script) => {
    const { scriptId, url } = script as { scriptId: string; url: string };
    scripts.set(scriptId, url);
  });
  session.on("Debugger.paused", (pause) => {
    frames = (pause as { callFrames: readonly Frame[] }).callFrames;
    paused.set();
  });
  await session.call("Debugger.enable");
  await session.call("Debugger.pause");
  await moveOnAfter(pauseWithin, () => paused.wait());
  try {
    return { task: await readTask(session), calls: describeCalls(frames, scripts) };
  } finally {
    await session.call("Debugger.disable");
  }
}

async function readTask(session: InspectorSession): Promise<TaskReference | undefined> {
  const { id, name } = (await session.evaluate(askForTask)) as Partial<TaskReference>;
  return id === undefined || name === undefined ? undefined : { id, name };
}

// What is below the last call of the program itself is Node's: how the event loop came to it.
function describeCalls(frames: readonly Frame[], scripts: ReadonlyMap<string, string>): string[] {
  const urls = frames.map(({ location }) => scripts.get(location.scriptId) ?? "");
  const end = urls.findLastIndex((url) => url !== "" && !url.startsWith("node:")) + 1;
  return frames.slice(0, Math.min(end, callsShown)).map(({ functionName, location }, i) => {
    const place = `${urls[i]}:${location.lineNumber + 1}:${(location.columnNumber ?? 0) + 1}`;
    return functionName === "" ? place : `${functionName} (${place})`;
  });
}
