import { runProgram } from "../asyncio/index.ts";
import { InspectError, inspectProcess, type RemoteSnapshot } from "../inspect/index.ts";
import { UsageError } from "./errors.ts";

/** The parts of another process to show, and their form. */
export interface ShowSettings {
  readonly pid: number;
  /** How many tasks at most; `undefined` for as many as fit. */
  readonly limit: number | undefined;
  readonly json: boolean;
  /** Whether the tasks that await a task are shown with it. @default false */
  readonly awaiters?: boolean;
}

/** Makes text of a snapshot. */
type SnapshotFormat = (snapshot: RemoteSnapshot, options: { colors: boolean }) => string;

/**
 * Inspects another process and prints the text that `format` makes of the result.
 *
 * @returns The exit code: 1 if the process cannot be looked into, 130 after Ctrl+C.
 */
export function showProcess(settings: ShowSettings, format: SnapshotFormat): Promise<number> {
  return runProgram(() => lookAndPrint(settings, format));
}

async function lookAndPrint(
  { pid, limit, json, awaiters = false }: ShowSettings,
  format: SnapshotFormat,
): Promise<number> {
  try {
    const snapshot = await inspectProcess(pid, limit === undefined ? { awaiters } : { awaiters, limit, equals: limit });
    const colors = process.stdout.isTTY && process.stdout.hasColors();
    console.log(json ? JSON.stringify(snapshot, undefined, 2) : format(snapshot, { colors }));
    return 0;
  } catch (error) {
    if (!(error instanceof InspectError)) throw error;
    console.error(error.message);
    return 1;
  }
}

/** Reads the number of a process. @throws {UsageError} If it is not one. */
export function readPid(text: string): number {
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  throw new UsageError(`PID must be the number of a process: current value is '${text}'`);
}

/** Reads how many tasks to show. @throws {UsageError} If it is not a number. */
export function readLimit(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new UsageError(`the value of '--limit' must be a whole number from 1 to 9999999: current value is '${text}'`);
}
