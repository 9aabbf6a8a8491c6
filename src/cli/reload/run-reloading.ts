// `pottle run --reload` is two processes: this one watches the files, the other one runs the application and reports
// the files that it imports. A change ends the application's process and starts another. This process keeps the sockets, so that
// clients that arrive in between wait for the next one.
//
//     start ── runs ── changed ── stop ── start …
//       │
//       └── ended by itself: after a mistake, serve a page that says so until a change; else end too
//
// The watcher does not depend on the application: the files are read here, a process that does not answer a
// signal is killed (app-process.ts), and a thread ends one whose watcher is gone (guard.ts).

import { relative } from "node:path";
import { Event, exitCodes, exitSignalOf } from "../../asyncio/index.ts";
import { noop } from "../../base/noop.ts";
import { AppProcess, type Ending } from "./app-process.ts";
import { HeldSockets } from "./held-sockets.ts";
import { type Orders, type ReloadMessage, signatureOf } from "./messages.ts";
import type { Plan } from "./places.ts";
import { WatchedFiles } from "./watched-files.ts";

/** The application to run. */
export interface ReloadSettings {
  /** The arguments of `pottle` that run the application. */
  readonly args: readonly string[];
  /** Files that are watched besides those that the application imports. They may be missing. */
  readonly files: readonly string[];
  /**
   * Reads where the application is to listen, before each start.
   *
   * @param last The port on which it listened before, if any.
   * @returns `undefined` if the settings have a mistake, which the application's process reports.
   */
  readonly plan: (last: number | undefined) => Promise<Plan | undefined>;
}

/** The endings of a process that was asked to end. */
const asked: ReadonlySet<Ending> = new Set([0, exitCodes.SIGINT, exitCodes.SIGTERM]);

/** The most characters of an application's error that are shown to clients: an environment variable has limited space. */
const mostShown = 20_000;

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
  readonly #sockets = new HeldSockets();
  #port: number | undefined;
  /** Why the application's process is about to end. */
  #failure: string | undefined;

  constructor(settings: ReloadSettings) {
    this.#settings = settings;
    for (const file of settings.files) this.#files.add(file, signatureOf(file));
  }

  [Symbol.dispose](): void {
    this.#files[Symbol.dispose]();
    this.#sockets[Symbol.dispose]();
  }

  /** Runs the application until a file has changed. @returns An exit code if it is not to be run again. */
  async runOnce(): Promise<number | undefined> {
    this.#news.clear();
    this.#failure = undefined;
    const isHeld = await this.#holdSockets();
    const app = this.#start({}, () => this.#news.set());
    try {
      await this.#news.wait();
      const code = app.ending === undefined ? undefined : this.#concludes(app.ending);
      if (code !== undefined) return code;
      await this.#untilChanged(isHeld ? app.ending : undefined);
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

  /** Holds a socket for each place. @returns Whether there is one for each. */
  async #holdSockets(): Promise<boolean> {
    const plan = await this.#settings.plan(this.#port);
    if (plan === undefined) return false;
    const { places, isAnyPort } = plan;
    await this.#sockets.hold(places);
    const isHeld = this.#sockets.has(places);
    if (isHeld && isAnyPort) this.#port = this.#sockets.fix(places[0]!);
    return isHeld;
  }

  #start(orders: Pick<Orders, "failure">, onEnd: () => void): AppProcess {
    const onMessage = (message: ReloadMessage): void => this.#receive(message);
    const own = { ...orders, port: this.#port, sockets: this.#sockets.entries };
    return new AppProcess(this.#settings.args, own, { onMessage, onEnd });
  }

  /** Waits for a change. If the application has ended, a page is served meanwhile. */
  async #untilChanged(ending: Ending | undefined): Promise<void> {
    if (ending === undefined) return await this.#files.untilChanged();
    const failure = this.#failure ?? `It ended with ${ending}. The terminal shows what it printed.`;
    // If the page ends too, clients wait for the change.
    const page = this.#start({ failure: failure.replaceAll("\0", "").slice(0, mostShown) }, noop);
    try {
      await this.#files.untilChanged();
    } finally {
      await page.stop("SIGTERM");
    }
  }

  #receive(message: ReloadMessage): void {
    if (message.kind === "file") this.#files.add(message.path, message.signature);
    if (message.kind === "listening") this.#port = message.port;
    if (message.kind === "failed") this.#failure = message.text;
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
