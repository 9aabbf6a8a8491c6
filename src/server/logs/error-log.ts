import { util } from "../../base/node.ts";
import { option } from "../../base/options.ts";
import { wrongType } from "../../base/refusal.ts";
import { formatPeer, type Peer, toPrintable } from "../../http/index.ts";
import { checkBufferLimit, type LogOptions } from "./access-log.ts";
import { textOfDropped } from "./access-line.ts";
import { checkDestination } from "./destination.ts";
import { escapeJson, escapeText } from "./escape.ts";
import { jsonOfDropped } from "./json-line.ts";
import { LineWriter, type LineWriterSettings, type LogStatistics } from "./line-writer.ts";
import { localLogTime, universalLogTime } from "./log-time.ts";

/** Options of an {@link ErrorLog}. */
export interface ErrorLogOptions extends LogOptions {
  /**
   * The format: `text`, in which the lines of a record after the first are indented, or `json`, one object a line.
   * @default "text"
   */
  readonly format?: "text" | "json";
}

/** The request that an error log tells of: an exchange is one. */
export interface FailedRequest {
  readonly method: string;
  readonly target: string;
  /** The other end of the connection. */
  readonly peer: Peer | undefined;
  /** The client, if the peer is a proxy that is trusted and has named it. */
  readonly client?: Peer | undefined;
}

/**
 * A log of the errors that applications throw: for each a record with the method, the target, the client, and the error
 * with its stack and its causes.
 *
 * The option `errorLog` of a server makes one and closes it with the server.
 *
 * @example
 * const log = new ErrorLog({ to: (lines) => console.log(lines.split("\n")[0]!.slice(29)) });
 * const broken = { handle: () => Promise.reject(new Error("no database")) };
 * await using server = await serve(broken, { port: 0, onError: log.onError });
 * console.log((await fetch(`${server.url}/a`)).status); // 500
 * await server.close();
 * await log.close(); // GET /a from 127.0.0.1:51234: Error: no database
 */
export class ErrorLog implements AsyncDisposable {
  readonly #format: (error: unknown, request: FailedRequest) => string;
  readonly #writer: LineWriter;

  /**
   * @throws {TypeError} If an option is not of the right kind.
   * @throws {RangeError} If the format is not one, or `bufferLimit` is not a whole number >= 1.
   * @throws {LogOpenError} If the destination is a file that cannot be opened.
   */
  constructor(options: ErrorLogOptions = {}) {
    const { format, ...settings } = checkErrorLog("open an error log", options);
    this.#format = format;
    this.#writer = new LineWriter(settings);
  }

  /** Writes the record of an error: for the option `onError` of a server. It needs no `this`. */
  readonly onError = (error: unknown, request: FailedRequest): void => {
    this.#writer.write(this.#format(error, request));
  };

  /** Current counts of records. */
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

/** Options of an error log with nothing left open. */
export interface ErrorLogSettings extends LineWriterSettings {
  readonly format: (error: unknown, request: FailedRequest) => string;
}

/**
 * Checks the options of an error log.
 *
 * @throws {TypeError} If one is not of the right kind.
 * @throws {RangeError} If one is not a value that it can have.
 */
export function checkErrorLog(action: string, options: ErrorLogOptions): ErrorLogSettings {
  if (typeof options !== "object" || options === null)
    throw wrongType(action, "the options of the error log must be an object", options);
  const { format = "text", to = process.stderr } = options;
  const isText = option(action, "format", format).oneOf(["text", "json"]) === "text";
  return {
    name: "error log",
    format: isText ? formatText : formatJson,
    describeDropped: isText ? textOfDropped : jsonOfDropped,
    destination: checkDestination(action, to),
    bufferLimit: checkBufferLimit(action, options),
  };
}

// A record begins at the beginning of a line, and nothing else does, whatever the text of an error.
function formatText(error: unknown, { method, target, peer, client = peer }: FailedRequest): string {
  const request = `${escapeText(method)} ${escapeText(target)} from ${escapeText(formatPeer(client))}`;
  const lines = describe(error).split("\n").map(toPrintable);
  return `${localLogTime()} ${request}: ${lines.join("\n    ")}`;
}

function formatJson(error: unknown, { method, target, peer, client = peer }: FailedRequest): string {
  const stack = describe(error);
  const request = `"method":"${escapeJson(method)}","target":"${escapeJson(target)}"`;
  const from = `"client":"${escapeJson(formatPeer(client))}"`;
  const text = `"error":"${escapeJson(stack.split("\n", 1)[0] ?? "")}","stack":"${escapeJson(stack)}"`;
  return `{"time":"${universalLogTime()}",${request},${from},${text}}`;
}

// An error whose own way of showing itself fails is still an error.
function describe(error: unknown): string {
  try {
    return util().inspect(error);
  } catch (problem) {
    return `an error that cannot be shown, as showing it throws ${String(problem)}`;
  }
}
