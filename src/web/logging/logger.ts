import type { LogLevel } from "./levels.ts";

/**
 * Writes one line, if the level is let through: an object with details, or an error, and a message; or the message alone.
 * In the message, `%s`, `%d` and `%o` are replaced by the arguments after it.
 */
export interface LogFunction {
  (details: object, message?: string, ...values: readonly unknown[]): void;
  (message: string, ...values: readonly unknown[]): void;
}

/**
 * A log, as pino and libraries that are compatible with it have it.
 *
 * @see https://getpino.io/#/docs/api
 */
export interface Logger {
  /** The least important level that is let through; it can be set. */
  level: string;
  /** Logs what only the search for a mistake needs, in every detail. */
  readonly trace: LogFunction;
  /** Logs what only the search for a mistake needs. */
  readonly debug: LogFunction;
  /** Logs what happens as it should. */
  readonly info: LogFunction;
  /** Logs what may be a mistake. */
  readonly warn: LogFunction;
  /** Logs a mistake. */
  readonly error: LogFunction;
  /** Logs what ends the program. */
  readonly fatal: LogFunction;
  /** Makes a log with these details in each line. */
  child(details: Record<string, unknown>): Logger;
  /** Whether lines of a level are let through. */
  isLevelEnabled?(level: string): boolean;
}

/** One line of a log. */
export interface LogRecord {
  readonly level: Exclude<LogLevel, "silent">;
  /** In milliseconds since 1970. */
  readonly time: number;
  /** The details of the logger and of the line; a later one of the same name wins. */
  readonly details: Readonly<Record<string, unknown>>;
  readonly message: string | undefined;
}
