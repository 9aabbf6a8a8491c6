import { type DataFolder, userName } from "./data-folder.ts";
import type { Lifeline } from "./lifeline.ts";
import type { PostmasterPid } from "./postmaster-pid.ts";

/** A running embedded PostgreSQL server; made by {@link startPostgres}. */
export class EmbeddedPostgres implements AsyncDisposable {
  /** The URL for `connect()`, with user name and password. */
  readonly url: string;
  /** The folder of the server's data. */
  readonly folder: string;
  /** The server's log file. */
  readonly logFile: string;
  /** The ID of the server's process. */
  readonly pid: number;
  readonly #lifeline: Lifeline;
  #stopping: Promise<void> | undefined;

  /** @internal Use {@link startPostgres}. */
  constructor(lifeline: Lifeline, { pid, port }: PostmasterPid, { data, logFile, password }: DataFolder) {
    this.url = `postgres://${userName}:${password}@127.0.0.1:${port}/postgres`;
    this.folder = data;
    this.logFile = logFile;
    this.pid = pid;
    this.#lifeline = lifeline;
  }

  /**
   * Stops the server, unless another process uses it too. Connections are ended and the data is saved. Stopping it
   * again does nothing.
   */
  stop(): Promise<void> {
    return (this.#stopping ??= this.#lifeline.release());
  }

  /** Stops the server. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
