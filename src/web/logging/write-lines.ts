import { ambient, outside } from "../../asyncio/index.ts";
import { noop } from "../../base/noop.ts";

/** Where lines go: standard error, or anything that takes text. */
export interface LogStream {
  write(text: string): unknown;
}

interface Pending {
  readonly lines: Map<LogStream, string[]>;
  isPlanned: boolean;
  hasListener: boolean;
}

// One record for the process: its end is listened for once, whatever the number of logs.
const pending = ambient<Pending>("web.logLines", () => ({ lines: new Map(), isPlanned: false, hasListener: false }));

/**
 * Writes a line with the others of this turn of the event loop. The end of the process writes what is left.
 *
 * @param atOnce Whether it may not wait.
 */
export function writeLine(stream: LogStream, line: string, atOnce = false): void {
  const lines = pending.lines.get(stream);
  if (lines === undefined) pending.lines.set(stream, [line]);
  else lines.push(line);
  if (atOnce) return flushLines();
  if (pending.isPlanned) return;
  pending.isPlanned = true;
  if (!pending.hasListener) {
    pending.hasListener = true;
    process.on("exit", flushLines);
  }
  outside(() => setImmediate(flushLines));
}

/** Writes all lines that wait. */
export function flushLines(): void {
  pending.isPlanned = false;
  const waiting = [...pending.lines];
  pending.lines.clear();
  for (const [stream, lines] of waiting) writeText(stream, `${lines.join("\n")}\n`);
}

function writeText(stream: LogStream, text: string): void {
  if (stream !== process.stderr && stream !== process.stdout) {
    stream.write(text);
    return;
  }
  // A reader that is gone must not end the program: as console.error() does it.
  const output = stream as NodeJS.WriteStream;
  output.once("error", noop);
  output.write(text, () => output.off("error", noop));
}
