import { format } from "node:util";
import { LevelMethods } from "./level-methods.ts";
import { levelNumbers, type LogLevel, requireLevel } from "./levels.ts";
import type { Logger, LogRecord } from "./logger.ts";
import type { RecordFormat } from "./format-record.ts";
import { type LogStream, writeLine } from "./write-lines.ts";

/** Where the lines of a log go, and how they look. */
export interface LineLoggerSettings {
  readonly level: LogLevel;
  readonly format: RecordFormat;
  readonly stream: LogStream;
}

/** The log that an application has by itself. It writes the lines of one turn of the event loop together. */
export class LineLogger extends LevelMethods implements Logger {
  readonly #settings: LineLoggerSettings;
  readonly #details: Readonly<Record<string, unknown>>;
  #level: LogLevel;

  constructor(settings: LineLoggerSettings, details: Readonly<Record<string, unknown>> = {}) {
    super();
    this.#settings = settings;
    this.#details = details;
    this.#level = settings.level;
  }

  get level(): string {
    return this.#level;
  }

  set level(level: string) {
    this.#level = requireLevel(level, "'level'");
  }

  isLevelEnabled(level: string): boolean {
    return Object.hasOwn(levelNumbers, level) && levelNumbers[level as LogLevel] >= levelNumbers[this.#level];
  }

  child(details: Record<string, unknown>): LineLogger {
    return new LineLogger({ ...this.#settings, level: this.#level }, { ...this.#details, ...details });
  }

  protected override write(level: LogRecord["level"], line: readonly unknown[]): void {
    if (levelNumbers[level] < levelNumbers[this.#level]) return;
    const { details, message } = readLine(line);
    const record = { level, time: Date.now(), details: { ...this.#details, ...details }, message };
    // The process may be about to end in a way that runs nothing more.
    writeLine(this.#settings.stream, this.#settings.format(record), level === "fatal");
  }
}

/** Takes the arguments of a log function apart. */
export function readLine([first, ...rest]: readonly unknown[]): {
  details: Readonly<Record<string, unknown>>;
  message: string | undefined;
} {
  if (typeof first === "string") return { details: {}, message: rest.length === 0 ? first : format(first, ...rest) };
  const message = rest.length === 0 ? undefined : typeof rest[0] === "string" ? format(...rest) : undefined;
  if (first instanceof Error) return { details: { err: first }, message: message ?? first.message };
  if (typeof first === "object" && first !== null) return { details: { ...first }, message };
  return { details: {}, message: String(first) };
}
