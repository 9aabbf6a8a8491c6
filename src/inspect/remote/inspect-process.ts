import { ambientExpression, type ProcessViewOptions, sleep } from "../../asyncio/index.ts";
import { type Snapshot, takeSnapshot } from "../record/snapshot.ts";
import { option } from "../../base/options.ts";
import { checkTarget } from "./check-target.ts";
import { InspectError } from "./inspect-error.ts";
import { InspectorSession } from "./inspector-session.ts";
import { openInspector } from "./open-inspector.ts";
import { childrenOf } from "./list-processes.ts";
import { type Block, readBlock } from "./read-block.ts";

/** Another process at one moment. */
export interface RemoteSnapshot extends Snapshot {
  /** What keeps its event loop from coming round; `undefined` if nothing does. */
  readonly block?: Block | undefined;
}

/** How much of a process is shown. */
export type InspectProcessOptions = Pick<ProcessViewOptions, "limit" | "equals" | "awaiters" | "stacks">;

const attempts = 4;
/** Between two attempts, in milliseconds. */
const pause = 100;

/**
 * Looks into another process of this machine that runs Pottle, also while its event loop is busy. Nothing has to be
 * prepared for it there: Node opens its inspector when it is sent SIGUSR1, and it is closed again afterwards, unless it
 * was open before. The process prints a line or two about that on its standard error.
 *
 * @throws {InspectError} If there is no such process, or it cannot be looked into: its `problem` says why.
 * @throws {RangeError} If `pid` is not a whole number above 0.
 * @throws {TypeError} If `pid` is not a number.
 * @example
 * console.log((await inspectProcess(process.pid)).counts.running); // 0
 */
export async function inspectProcess(pid: number, options: InspectProcessOptions = {}): Promise<RemoteSnapshot> {
  option("look into a process", "pid", pid).count({ from: 1 });
  if (pid === process.pid) return takeSnapshot(options);
  for (let attempt = 1; ; attempt++) {
    try {
      return await look(pid, options);
    } catch (error) {
      // Somebody else who looked at the same time has closed it: then it can be opened again.
      if (!(error instanceof InspectError) || error.problem !== "closed" || attempt === attempts) throw error;
    }
    await sleep(pause);
  }
}

async function look(pid: number, options: InspectProcessOptions): Promise<RemoteSnapshot> {
  checkTarget(pid);
  const { url, wasOpen } = await openInspector(pid);
  using session = await InspectorSession.connect(pid, url);
  try {
    return await read(session, pid, options);
  } finally {
    if (!wasOpen) session.post(closeLater);
  }
}

// Not at once: it waits for us to be gone. And not before its event loop has come round: where that was busy, the signal
// is then looked at a second time, and would open an inspector that is closed by that time once more.
const closeLater =
  "void setTimeout(() => setImmediate(() => process.getBuiltinModule('node:inspector').close()), 20).unref()";

// What starts others, as npm does, is easily mistaken for them.
function describeChildren(pid: number): string {
  const children = childrenOf(pid).map((child) => child.pid);
  return children.length === 0 ? "" : `: it has started process ${children.join(" and ")}`;
}

async function read(session: InspectorSession, pid: number, options: InspectProcessOptions): Promise<RemoteSnapshot> {
  const owner = await session.evaluate("process.pid");
  if (owner !== pid) throw new InspectError(pid, "port", `process ${String(owner)} has its inspector on the same port`);
  const text = await session.evaluate(`${ambientExpression("view")}?.show(${JSON.stringify(options)}) ?? ""`);
  if (text === "") throw new InspectError(pid, "foreign", `it has not loaded Pottle${describeChildren(pid)}`);
  const snapshot = JSON.parse(String(text)) as Snapshot;
  if (snapshot.version !== 1) {
    throw new InspectError(pid, "foreign", `it runs another version of Pottle: use the command that belongs to it`);
  }
  return { ...snapshot, block: await readBlock(session) };
}
