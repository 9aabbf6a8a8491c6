import { ambientExpression, Event, moveOnAfter, type TaskReference } from "../../asyncio/index.ts";
import type { InspectorSession } from "./inspector-session.ts";

/** A step that blocks the event loop. */
export interface Block {
  /** The task that runs the step; `undefined` for code outside any task. */
  readonly task: TaskReference | undefined;
  /**
   * The call stack, the innermost call first: `parse (file:///app.ts:12:9)`. Empty if the process could not be paused.
   */
  readonly calls: readonly string[];
}

interface Frame {
  readonly functionName: string;
  readonly location: { readonly scriptId: string; readonly lineNumber: number; readonly columnNumber?: number };
}

/** The maximum duration of one round of an event loop that is not blocked, in milliseconds. */
const freeWithin = 300;
const pauseWithin = 1_000;
const callsShown = 10;

const comeRound = "new Promise((done) => setImmediate(() => done(true)))";
const askForTask = `(({ id, name }) => ({ id, name }))(${ambientExpression("runtime")}.storage.getStore()?.task ?? {})`;

/** Finds the step that blocks the event loop of a process; `undefined` if none does. */
export async function readBlock(session: InspectorSession): Promise<Block | undefined> {
  if (await comesRound(session)) return undefined;
  const block = await stopToLook(session);
  // If no code of the program is running, the event loop was only slow.
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

// The calls below the last one of the program belong to Node, and lead from the event loop to the program.
function describeCalls(frames: readonly Frame[], scripts: ReadonlyMap<string, string>): string[] {
  const urls = frames.map(({ location }) => scripts.get(location.scriptId) ?? "");
  const end = urls.findLastIndex((url) => url !== "" && !url.startsWith("node:")) + 1;
  return frames.slice(0, Math.min(end, callsShown)).map(({ functionName, location }, i) => {
    const place = `${urls[i]}:${location.lineNumber + 1}:${(location.columnNumber ?? 0) + 1}`;
    return functionName === "" ? place : `${functionName} (${place})`;
  });
}
