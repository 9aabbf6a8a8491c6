import { option } from "../../base/options.ts";
import { wrongType } from "../../base/refusal.ts";
import type { AccessedExchange, AccessEntry } from "../../http/index.ts";
import { type AccessFormatName, createAccessFormat } from "./access-format.ts";
import type { AccessFormat } from "./access-line.ts";
import { checkDestination, type LogDestination } from "./destination.ts";
import { LineWriter, type LogStatistics } from "./line-writer.ts";

/** How a log is written, whatever is in it. */
export interface LogOptions {
  /**
   * Where the lines go.
   * @default standard output for an access log, standard error for an error log
   */
  readonly to?: LogDestination;
  /**
   * How many characters wait, at most, for a destination that takes none. What comes then is dropped and counted.
   * @default 1_048_576
   */
  readonly bufferLimit?: number;
}

/** Options of an {@link AccessLog}. */
export interface AccessLogOptions extends LogOptions {
  /**
   * The format: `development` (short, for people), `hypercorn`, `combined` (Apache's), `json` (one object a line), or a
   * format string such as `%(h)s "%(r)s" %(s)s`, with the atoms of Hypercorn.
   * @default "combined"
   */
  readonly format?: AccessFormatName | (string & {});
  /**
   * Whether the format for development has colours.
   * @default whether the destination is a terminal that has some, and `NO_COLOR` is not set
   */
  readonly colours?: boolean;
}

/** Options of an access log with nothing left open. */
export interface AccessLogSettings {
  readonly format: AccessFormat;
  readonly destination: LogDestination;
  readonly bufferLimit: number;
}

/**
 * An access log: one line for each request. Lines are written once a turn of the event loop. Nothing that a client sends can
 * make a line, or a field in quotes. A request that was cancelled before its response had left has the status `-`.
 *
 * The option `accessLog` of a server makes one and closes it with the server. Make one yourself for several servers. Closing
 * it writes its last lines, and so does the end of the process.
 *
 * @example
 * await using log = new AccessLog({ format: '%(m)s %(U)s %(s)s "%(a)s"', to: (lines) => console.log(lines.trimEnd()) });
 * await using server = await serve(
 *   { handle: (exchange) => exchange.respond(200, [], "Hello") },
 *   { port: 0, onAccess: log.onAccess },
 * );
 * await (await fetch(`${server.url}/a`, { headers: { "User-Agent": "example" } })).text();
 * await server.close();
 * await log.close(); // GET /a 200 "example"
 * @see https://hypercorn.readthedocs.io/en/latest/how_to_guides/logging.html
 */
export class AccessLog implements AsyncDisposable {
  readonly #format: AccessFormat;
  readonly #writer: LineWriter;

  /**
   * @throws {TypeError} If an option is not of the right kind.
   * @throws {RangeError} If the format is not one, or `bufferLimit` is not a whole number >= 1.
   * @throws {LogOpenError} If the destination is a file that cannot be opened.
   */
  constructor(options: AccessLogOptions = {}) {
    const { format, destination, bufferLimit } = checkAccessLog("open an access log", options);
    this.#format = format;
    this.#writer = new LineWriter({ name: "access log", destination, bufferLimit, describeDropped: format.dropped });
  }

  /** Writes the line of a request: for the option `onAccess` of a server. It needs no `this`. */
  readonly onAccess = (entry: AccessEntry, exchange?: AccessedExchange): void => {
    this.#writer.write(this.#format.line(entry, exchange));
  };

  /** Current counts of lines. */
  statistics(): LogStatistics {
    return this.#writer.statistics();
  }

  /** Writes what is left, within a second, and lets go of the destination. What comes later is dropped. */
  close(): Promise<void> {
    return this.#writer.close();
  }

  /** Closes it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * Checks the options of an access log; text stands for the format.
 *
 * @throws {TypeError} If one is not of the right kind.
 * @throws {RangeError} If one is not a value that it can have.
 */
export function checkAccessLog(action: string, options: AccessLogOptions | string): AccessLogSettings {
  const given = typeof options === "string" ? { format: options } : options;
  if (typeof given !== "object" || given === null)
    throw wrongType(action, "the options of the access log must be an object", given);
  const { format = "combined", to = process.stdout, colours } = given;
  const destination = checkDestination(action, to);
  const hasColours = colours === undefined ? canPaint(destination) : option(action, "colours", colours).boolean();
  return {
    format: createAccessFormat(action, format, hasColours),
    destination,
    bufferLimit: checkBufferLimit(action, given),
  };
}

/** @throws {RangeError} If the limit is not a whole number >= 1. */
export function checkBufferLimit(action: string, { bufferLimit = 2 ** 20 }: LogOptions): number {
  return option(action, "bufferLimit", bufferLimit).count({ from: 1, unit: "characters" });
}

function canPaint(destination: LogDestination): boolean {
  const terminal = destination as Partial<NodeJS.WriteStream>;
  return terminal.isTTY === true && terminal.hasColors?.() === true;
}
