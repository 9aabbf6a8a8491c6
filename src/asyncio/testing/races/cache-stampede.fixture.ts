import assert from "node:assert/strict";
import { createTask, type Task } from "../../core/tasks/task.ts";
import { sleep } from "../../core/waits/sleep.ts";
import { gather } from "../../combine/gather.ts";
import type { ExploreOptions } from "../explore/explore-options.ts";

// A load usually takes 20 ms; a busy database takes longer.
export const options: ExploreOptions = { lateness: 10 };

/** A database that counts its queries. */
class Database {
  queries = 0;

  async load(id: string): Promise<string> {
    this.queries++;
    await sleep(20);
    return `user ${id}`;
  }
}

interface Users {
  get(id: string): Promise<string>;
}

/** Stores the loaded value. All callers that ask before it has arrived load it again. */
class BrokenCache implements Users {
  readonly #database: Database;
  readonly #values = new Map<string, string>();

  constructor(database: Database) {
    this.#database = database;
  }

  async get(id: string): Promise<string> {
    const known = this.#values.get(id);
    if (known !== undefined) return known;
    const value = await this.#database.load(id);
    this.#values.set(id, value);
    return value;
  }
}

/** Stores the promise of the value while it is being loaded. */
class MendedCache implements Users {
  readonly #database: Database;
  readonly #loads = new Map<string, Task<string>>();

  constructor(database: Database) {
    this.#database = database;
  }

  async get(id: string): Promise<string> {
    const known = this.#loads.get(id) ?? createTask(() => this.#database.load(id), { name: `load ${id}` });
    this.#loads.set(id, known);
    return await known;
  }
}

async function visit(database: Database, users: Users): Promise<void> {
  const visits = [0, 25, 50].map((ms) =>
    createTask(
      async () => {
        if (ms > 0) await sleep(ms);
        assert.equal(await users.get("7"), "user 7");
      },
      { name: `visit at ${ms}` },
    ),
  );
  await gather(visits);
  assert.equal(database.queries, 1, "it was loaded more than once");
}

export const broken = (): Promise<void> => {
  const database = new Database();
  return visit(database, new BrokenCache(database));
};
export const mended = (): Promise<void> => {
  const database = new Database();
  return visit(database, new MendedCache(database));
};
