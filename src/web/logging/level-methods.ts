import type { LogLevel } from "./levels.ts";
import type { LogFunction } from "./logger.ts";

/** The functions of a log, one for each level; all of them write by {@link LevelMethods.write}. */
export abstract class LevelMethods {
  readonly trace: LogFunction = (...line) => this.write("trace", line);
  readonly debug: LogFunction = (...line) => this.write("debug", line);
  readonly info: LogFunction = (...line) => this.write("info", line);
  readonly warn: LogFunction = (...line) => this.write("warn", line);
  readonly error: LogFunction = (...line) => this.write("error", line);
  readonly fatal: LogFunction = (...line) => this.write("fatal", line);

  /** Writes a line, unless its level is too low. `line` holds the arguments that the function was called with. */
  protected abstract write(level: Exclude<LogLevel, "silent">, line: readonly unknown[]): void;
}
