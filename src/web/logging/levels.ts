import { outOfRange } from "../../base/refusal.ts";

/** The levels of a log, from the least to the most important, and `silent`, which lets no line through. */
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";

/** The levels with pino's numbers. */
export const levelNumbers: Readonly<Record<LogLevel, number>> = {
  trace: 10,
  debug: 20,
  info: 30,
  warn: 40,
  error: 50,
  fatal: 60,
  silent: Infinity,
};

/**
 * The level of a name.
 *
 * @throws {RangeError} If there is none.
 */
export function requireLevel(level: unknown, where: string): LogLevel {
  if (typeof level === "string" && Object.hasOwn(levelNumbers, level)) return level as LogLevel;
  throw outOfRange("log", `${where} must be one of ${Object.keys(levelNumbers).join(", ")}`, level);
}
