import { type DataFolder, userName } from "./data-folder.ts";
import type { Lifeline } from "./lifeline.ts";
import type { PostmasterPid } from "./postmaster-pid.ts";

/** A PostgreSQL of one's own, running. */
export class EmbeddedPostgres implements AsyncDisposable {
  /** Where to connect, with user and password. */
  readonly url: string;
  /** The folder of its data. */
  readonly folder: string;
  /** The file in which it keeps its log. */
  readonly logFile: string;
  /** The number of its process. */
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
   * Stops it, unless somebody else uses it as well: connections are ended, the data is saved. Stopping it again does
   * nothing.
   */
  stop(): Promise<void> {
    return (this.#stopping ??= this.#lifeline.release());
  }

  /** Stops it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
