import { constants, fstatSync, openSync } from "node:fs";
import { resolve } from "node:path";
import type { Writable } from "node:stream";
import { net } from "../../base/node.ts";
import { wrongType } from "../../base/refusal.ts";
import { FileSink } from "./file-sink.ts";
import { FunctionSink, type TextFunction } from "./function-sink.ts";
import { LogOpenError } from "./log-open-error.ts";
import type { Sink, SinkHooks } from "./sink.ts";
import { StreamSink } from "./stream-sink.ts";

/**
 * Where the lines of a log go. A stream, which is not closed with the log. The path of a file, which is made if it is
 * missing and appended to. Or a function, called with the lines of one turn of the event loop, each with a line break at its
 * end; if it returns a promise, the lines that come meanwhile wait for it.
 */
export type LogDestination = Writable | string | TextFunction;

/**
 * Checks a destination.
 *
 * @throws {TypeError} If it is not one.
 */
export function checkDestination(action: string, destination: unknown): LogDestination {
  const isPath = typeof destination === "string" && destination !== "";
  if (isPath || typeof destination === "function" || isStream(destination)) return destination as LogDestination;
  throw wrongType(action, "'to' must be a stream, the path of a file or a function", destination);
}

/**
 * Opens a destination.
 *
 * @throws {LogOpenError} If it is a file that the system does not open.
 */
export function openDestination(destination: LogDestination, hooks: SinkHooks): Sink {
  if (typeof destination === "string") return openFile(destination, hooks);
  if (typeof destination === "function") return new FunctionSink(destination, hooks);
  return new StreamSink(destination, hooks);
}

function openFile(given: string, hooks: SinkHooks): Sink {
  // The process may change its folder before the file is opened again.
  const path = resolve(given);
  const descriptor = openToAppend(path);
  if (!fstatSync(descriptor).isFIFO()) return new FileSink(descriptor, () => openToAppend(path), hooks);
  const { Socket: PipeSocket } = net();
  const pipe = new PipeSocket({ fd: descriptor, readable: false, writable: true });
  return new StreamSink(pipe, hooks, { isOwn: true });
}

// Without O_NONBLOCK, which Windows does not have, a named pipe would hold the process up until it has a reader.
function openToAppend(path: string): number {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK } = constants;
  const flags = O_WRONLY | O_APPEND | O_CREAT | ((O_NONBLOCK as number | undefined) ?? 0);
  try {
    return openSync(path, flags, 0o666);
  } catch (error) {
    throw new LogOpenError(path, error as NodeJS.ErrnoException);
  }
}

function isStream(value: unknown): boolean {
  const stream = value as Partial<Writable> | null | undefined;
  return typeof stream?.write === "function" && typeof stream.on === "function";
}
