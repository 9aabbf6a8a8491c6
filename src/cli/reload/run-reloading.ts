// `pottle run --reload` is two processes: this one watches the files, the other one runs the application and tells which
// files it imports. A change ends the application's process and starts another, which keeps nothing but the port.
//
//     start ── runs ── changed ── stop ── start …
//       │
//       └── ended by itself: after a mistake, wait for a change; else end too
//
// The watcher depends on nothing that the application does: the files are read here, a process that does not answer a
// signal is killed (app-process.ts), and a thread ends one whose watcher is gone (guard.ts).

import { relative } from "node:path";
import { Event, exitCodes, exitSignalOf } from "../../asyncio/index.ts";
import { WatchedFiles } from "./watched-files.ts";
import { type ReloadMessage, signatureOf } from "./messages.ts";
import { AppProcess, type Ending } from "./app-process.ts";

/** The application to run. */
export interface ReloadSettings {
  /** The arguments of `pottle` that run the application. */
  readonly args: readonly string[];
  /** Files that are watched besides those that the application imports. They may be missing. */
  readonly files: readonly string[];
}

/** The endings of a process that was asked to end. */
const asked: ReadonlySet<Ending> = new Set([0, exitCodes.SIGINT, exitCodes.SIGTERM]);

/**
 * Runs an application, and again each time that one of its files has changed.
 *
 * @returns The exit code: that of the application if it was ended, or could not be begun at all.
 * @throws {CancelledError} If it is cancelled; the application has ended then.
 */
export async function runReloading(settings: ReloadSettings): Promise<number> {
  using reloading = new Reloading(settings);
  for (;;) {
    const code = await reloading.runOnce();
    if (code !== undefined) return code;
    console.log(`${describeFiles(reloading.takeChanges())} changed: starting again`);
  }
}

class Reloading implements Disposable {
  readonly #settings: ReloadSettings;
  readonly #news = new Event({ name: "application or its files" });
  readonly #files = new WatchedFiles(() => this.#news.set());
  #port: number | undefined;

  constructor(settings: ReloadSettings) {
    this.#settings = settings;
    for (const file of settings.files) this.#files.add(file, signatureOf(file));
  }

  [Symbol.dispose](): void {
    this.#files[Symbol.dispose]();
  }

  /** Runs the application until a file has changed. @returns An exit code if it is not to be run again. */
  async runOnce(): Promise<number | undefined> {
    this.#news.clear();
    const app = new AppProcess(this.#settings.args, this.#port, {
      onMessage: (message) => this.#receive(message),
      onEnd: () => this.#news.set(),
    });
    try {
      await this.#news.wait();
      const code = app.ending === undefined ? undefined : this.#concludes(app.ending);
      if (code !== undefined) return code;
      await this.#files.untilChanged();
      await app.stop("SIGTERM");
      return undefined;
    } catch (error) {
      await app.stop(exitSignalOf(error) ?? "SIGTERM");
      throw error;
    }
  }

  takeChanges(): string[] {
    return this.#files.takeChanges();
  }

  #receive(message: ReloadMessage): void {
    if (message.kind === "file") this.#files.add(message.path, message.signature);
    if (message.kind === "listening") this.#port = message.port;
  }

  #concludes(ending: Ending): number | undefined {
    // Without a file of the application there is no change to wait for.
    const hasBegun = this.#files.size > this.#settings.files.length;
    if (typeof ending === "number" && (asked.has(ending) || !hasBegun)) return ending;
    console.error(`The application ended with ${ending}: waiting for a change of its files`);
    return undefined;
  }
}

function describeFiles(paths: readonly string[]): string {
  const [first = "", ...others] = paths.map((path) => relative(process.cwd(), path));
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}
