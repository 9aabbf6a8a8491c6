import type { AccessEntry, ServerExchange } from "../../http/index.ts";
import { AccessLog, type AccessLogOptions, checkAccessLog } from "./access-log.ts";
import { checkErrorLog, ErrorLog, type ErrorLogOptions } from "./error-log.ts";

type OnAccess = (entry: AccessEntry, exchange: ServerExchange | undefined) => void;
type OnError = (error: unknown, exchange: ServerExchange) => void;

/** Who hears of the requests and errors of a server. */
export interface ServerLogSettings {
  readonly accessLog: AccessLogOptions | undefined;
  readonly errorLog: ErrorLogOptions | undefined;
  readonly onAccess: OnAccess | undefined;
  readonly onError: OnError | undefined;
}

/**
 * Checks the options of the logs of a server, and gives those of each log that there is to be.
 *
 * @throws {TypeError} If one is not of the right kind.
 * @throws {RangeError} If one is not a value that it can have.
 */
export function checkServerLogs(
  action: string,
  accessLog: AccessLogOptions | string | false | undefined,
  errorLog: ErrorLogOptions | undefined,
): Pick<ServerLogSettings, "accessLog" | "errorLog"> {
  const access = typeof accessLog === "string" ? { format: accessLog } : accessLog || undefined;
  if (access !== undefined) checkAccessLog(action, access);
  if (errorLog !== undefined) checkErrorLog(action, errorLog);
  return { accessLog: access, errorLog };
}

/** The logs of a server that runs, and the hooks of its user. */
export class ServerLogs implements AsyncDisposable {
  /** What is to be called with each request; `undefined` if nothing hears of them. */
  readonly onAccess: OnAccess | undefined;
  /** What is to be called with each error; `undefined` if nothing hears of them. */
  readonly onError: OnError | undefined;
  readonly #accessLog: AccessLog | undefined;
  readonly #errorLog: ErrorLog | undefined;

  /** @throws {LogOpenError} If a destination is a file that cannot be opened. */
  constructor({ accessLog, errorLog, onAccess, onError }: ServerLogSettings) {
    const access = accessLog && new AccessLog(accessLog);
    this.#accessLog = access;
    this.onAccess = bothOf(access?.onAccess, onAccess);
    this.#errorLog = errorLog && openAfter(access, errorLog);
    this.onError = bothOf(this.#errorLog?.onError, onError);
  }

  /** Writes the last lines, and lets go of the destinations. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#accessLog?.close(), this.#errorLog?.close()]);
  }
}

// What was opened before something that cannot be opened is closed: it has no lines yet.
function openAfter(opened: AccessLog | undefined, options: ErrorLogOptions): ErrorLog {
  try {
    return new ErrorLog(options);
  } catch (error) {
    void opened?.close();
    throw error;
  }
}

/** A function that calls the log and then the user's hook, or the one of them that there is. */
function bothOf<A extends unknown[]>(
  log: ((...args: A) => void) | undefined,
  hook: ((...args: A) => void) | undefined,
): ((...args: A) => void) | undefined {
  if (log === undefined || hook === undefined) return log ?? hook;
  return (...args) => {
    log(...args);
    hook(...args);
  };
}
