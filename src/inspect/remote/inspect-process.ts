import { ambientExpression, type ProcessViewOptions, sleep } from "../../asyncio/index.ts";
import { type Snapshot, takeSnapshot } from "../record/snapshot.ts";
import { option } from "../../base/options.ts";
import { checkTarget } from "./check-target.ts";
import { InspectError } from "./inspect-error.ts";
import { InspectorSession } from "./inspector-session.ts";
import { openInspector } from "./open-inspector.ts";
import { childrenOf } from "./list-processes.ts";
import { type Block, readBlock } from "./read-block.ts";

/** A snapshot of another process. */
export interface RemoteSnapshot extends Snapshot {
  /** The step that blocks its event loop; `undefined` if none does. */
  readonly block?: Block | undefined;
}

/** Options that select how much of a process to show. */
export type InspectProcessOptions = Pick<ProcessViewOptions, "limit" | "equals" | "awaiters" | "stacks">;

const attempts = 4;
/** The pause between two attempts, in milliseconds. */
const pause = 100;

/**
 * Inspects another process on this machine that runs Pottle, even while its event loop is blocked. The process needs no
 * preparation: Node opens its inspector when it receives SIGUSR1. The inspector is closed again afterwards, unless it
 * was already open. The process prints a line or two about this on its standard error.
 *
 * @throws {InspectError} If there is no such process, or it cannot be inspected: `problem` says why.
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
      // Another program that inspected the process at the same time has closed the inspector. It can be opened again.
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

// The inspector is not closed at once, because closing it waits until our session has ended. It is closed only after
// the event loop has gone round: if the loop was blocked, it handles the signal a second time then, which would open an
// already closed inspector again.
const closeLater =
  "void setTimeout(() => setImmediate(() => process.getBuiltinModule('node:inspector').close()), 20).unref()";

// A program that starts others, such as npm, is easily mistaken for the program that it starts.
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
