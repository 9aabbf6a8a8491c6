import { wrongType } from "../../base/refusal.ts";
import { isDevelopment } from "../failure/development.ts";
import { formatJson, formatText } from "./format-record.ts";
import { type LogLevel, requireLevel } from "./levels.ts";
import { LineLogger } from "./line-logger.ts";
import type { Logger, LogRecord } from "./logger.ts";
import { RequestLogger } from "./request-logger.ts";

/** Options of the log of an application. */
export interface LoggingOptions {
  /**
   * The log to use: pino's, or one that is compatible with it.
   * @default lines on standard error: readable ones in development, else JSON as pino's
   */
  readonly logger?: Logger;
  /**
   * The least important level that is let through. A logger that is given keeps its own.
   * @default the environment variable `POTTLE_LOG_LEVEL`; without it `debug` in development, else `info`
   */
  readonly logLevel?: LogLevel;
}

/** @internal The log of an application, made when it is first asked for. */
export class AppLogger {
  readonly #given: Logger | undefined;
  readonly #level: LogLevel | undefined;
  #logger: Logger | undefined;

  /**
   * @throws {RangeError} If there is no such level, or `POTTLE_LOG_LEVEL`, where it counts, is none.
   * @throws {TypeError} If `logger` is not a logger.
   */
  constructor({ logger, logLevel }: LoggingOptions) {
    if (logger !== undefined && !isLogger(logger))
      throw wrongType("make the application", "'logger' must be a logger such as pino's", logger);
    this.#given = logger;
    this.#level = logLevel === undefined ? levelOfEnvironment() : requireLevel(logLevel, "'logLevel'");
  }

  /** The log. */
  get logger(): Logger {
    return (this.#logger ??= new RequestLogger(this.#given ?? this.#make()));
  }

  #make(): Logger {
    const level = this.#level ?? (isDevelopment() ? "debug" : "info");
    // Whether it is in development is known by the time of the first line.
    const format = (record: LogRecord): string => (isDevelopment() ? formatText(record) : formatJson(record));
    return new LineLogger({ level, format, stream: process.stderr });
  }
}

function levelOfEnvironment(): LogLevel | undefined {
  const level = process.env["POTTLE_LOG_LEVEL"] ?? "";
  return level === "" ? undefined : requireLevel(level, "POTTLE_LOG_LEVEL");
}

function isLogger(value: unknown): value is Logger {
  const methods = ["trace", "debug", "info", "warn", "error", "fatal", "child"];
  return (
    typeof value === "object" &&
    value !== null &&
    methods.every((name) => typeof (value as Record<string, unknown>)[name] === "function")
  );
}
