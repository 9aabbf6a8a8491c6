import { Event, outside, sleep } from "../../asyncio/index.ts";
import { signatureOf } from "./messages.ts";

/** The time between two looks at the files, in milliseconds. */
const interval = 200;

/** How long no other file must change, in milliseconds: editors often save several. */
const settleTime = 100;

/**
 * Watches files until it is disposed. It polls, which works for every file system, for editors that replace files, and for
 * files that do not exist yet.
 *
 * A file has changed if it is not as it was when the application read it, so that no change is missed, however late the
 * watch begins, and none is reported twice.
 */
export class WatchedFiles implements Disposable {
  readonly #signatures = new Map<string, string>();
  readonly #changed = new Set<string>();
  readonly #change = new Event({ name: "file changed" });
  readonly #onChange: () => void;
  readonly #timer: NodeJS.Timeout;

  /** @param onChange Called for each change. */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
    this.#timer = outside(() => setInterval(() => this.#look(), interval));
  }

  /** How many files are watched. */
  get size(): number {
    return this.#signatures.size;
  }

  /** Adds a file, which had this signature when the application read it. */
  add(path: string, signature: string): void {
    this.#signatures.set(path, signature);
  }

  /** Waits until a file has changed, and until no other one changes any more. */
  async untilChanged(): Promise<void> {
    await this.#change.wait();
    for (let count = 0; count < this.#changed.size;) {
      count = this.#changed.size;
      await sleep(settleTime);
    }
  }

  /** The files that have changed since the last call; from now on they are compared with their present state. */
  takeChanges(): string[] {
    const changes = Array.from(this.#changed);
    for (const path of changes) this.#signatures.set(path, signatureOf(path));
    this.#changed.clear();
    this.#change.clear();
    return changes;
  }

  /** Ends the watch. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    for (const [path, signature] of this.#signatures) {
      if (!this.#changed.has(path) && signatureOf(path) !== signature) this.#note(path);
    }
  }

  #note(path: string): void {
    this.#changed.add(path);
    this.#change.set();
    this.#onChange();
  }
}
