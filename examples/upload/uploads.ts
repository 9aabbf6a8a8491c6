import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Broadcast } from "pottle";

/** How far an upload is. */
export interface Progress {
  readonly name: string;
  /** The number of bytes that have arrived. */
  readonly received: number;
  /** The number of bytes that were announced; `null` if it is not known. */
  readonly size: number | null;
}

/** What goes on. */
export interface Activity {
  /** The uploads that are on their way. */
  readonly running: readonly Progress[];
  /** How often the list of files has changed; a watcher that has seen another number reads it again. */
  readonly changes: number;
}

/** A file that is there. */
export interface StoredFile {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
}

/** A folder of files, and the uploads that are on their way into it. */
export class Uploads {
  readonly #folder: string;
  /** Where files are until they are complete. */
  readonly #parts: string;
  readonly #running = new Map<string, Progress>();
  #changes = 0;
  // That something has moved. A watcher that is slow looks less often, and always at the newest.
  readonly #moved = new Broadcast<null>({ queue: 1 });

  constructor(folder: string) {
    this.#folder = folder;
    this.#parts = join(folder, ".parts");
  }

  /** Makes the folder, and removes what a killed process has left. */
  async open(): Promise<void> {
    await rm(this.#parts, { recursive: true, force: true });
    await mkdir(this.#parts, { recursive: true });
  }

  close(): Promise<void> {
    return this.#moved.close();
  }

  /**
   * Writes a body to a file, which has its name when it is complete. One that is not, as its client has left or cancelled,
   * is removed.
   *
   * @returns How many bytes it has.
   */
  async receive(name: string, body: AsyncIterable<Uint8Array>, announced: number): Promise<number> {
    const part = join(this.#parts, randomUUID());
    const size = Number.isNaN(announced) ? null : announced;
    try {
      const received = await this.#write(part, body, (bytes) => this.#note(part, { name, received: bytes, size }));
      await rename(part, join(this.#folder, name));
      this.#changes++;
      return received;
    } finally {
      // It runs when the client has left, too; after the file has got its name there is nothing to remove.
      await rm(part, { force: true });
      this.#running.delete(part);
      await this.#moved.publish("all", null);
    }
  }

  async #write(part: string, body: AsyncIterable<Uint8Array>, note: (bytes: number) => Promise<void>): Promise<number> {
    await using file = await open(part, "wx");
    let received = 0;
    await note(received);
    for await (const piece of body) {
      await file.writeFile(piece);
      received += piece.byteLength;
      await note(received);
    }
    return received;
  }

  /** Tells watchers, but not of less than a hundredth. */
  async #note(part: string, progress: Progress): Promise<void> {
    const before = this.#running.get(part);
    this.#running.set(part, progress);
    if (before === undefined || percent(before) !== percent(progress)) await this.#moved.publish("all", null);
  }

  /** What goes on, now and whenever something has moved. */
  async *watch(): AsyncGenerator<Activity> {
    const moves = this.#moved.subscribe("all");
    await moves.ready();
    yield this.#activity();
    for await (const _ of moves) yield this.#activity();
  }

  #activity(): Activity {
    return { running: [...this.#running.values()], changes: this.#changes };
  }

  /** The files that are complete, by name. */
  async list(): Promise<StoredFile[]> {
    const entries = await readdir(this.#folder, { withFileTypes: true });
    const files: StoredFile[] = [];
    for (const { name } of entries.filter((entry) => entry.isFile() && !entry.name.startsWith("."))) {
      files.push({ name, size: (await stat(join(this.#folder, name))).size });
    }
    return files.toSorted((one, other) => one.name.localeCompare(other.name));
  }

  /** Removes a file; returns whether there was one. */
  async remove(name: string): Promise<boolean> {
    const file = (await this.list()).find((one) => one.name === name);
    if (file === undefined) return false;
    await rm(join(this.#folder, file.name), { force: true });
    this.#changes++;
    await this.#moved.publish("all", null);
    return true;
  }
}

function percent({ received, size }: Progress): number {
  return Math.floor((received / (size ?? 100_000_000)) * 100);
}
