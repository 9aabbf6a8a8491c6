import assert from "node:assert/strict";
import { createTask } from "../../core/tasks/task.ts";
import { sleep } from "../../core/waits/sleep.ts";
import { Condition } from "../../sync/condition.ts";

/** A primary, and a replica that follows it with a delay. */
class Cluster {
  readonly changed = new Condition({ name: "replica" });
  replica = { name: "old", version: 0 };
  #version = 0;

  async write(name: string): Promise<number> {
    await sleep(2);
    const version = ++this.#version;
    createTask(() => this.#replicate(name, version), { name: "replication" });
    return version;
  }

  async #replicate(name: string, version: number): Promise<void> {
    await sleep(5);
    this.replica = { name, version };
    await this.changed.with(() => this.changed.notifyAll());
  }
}

type Rename = (cluster: Cluster) => Promise<string>;

/** Shows the new page after a delay, when the replica has usually caught up. */
async function brokenRename(cluster: Cluster): Promise<string> {
  await cluster.write("new");
  await sleep(0);
  await sleep(5);
  return cluster.replica.name;
}

/** Reads no version older than the one that it wrote. */
async function mendedRename(cluster: Cluster): Promise<string> {
  const version = await cluster.write("new");
  const { changed } = cluster;
  await changed.with(() => changed.waitFor(() => cluster.replica.version >= version));
  return cluster.replica.name;
}

async function check(rename: Rename): Promise<void> {
  assert.equal(await rename(new Cluster()), "new");
}

export const broken = (): Promise<void> => check(brokenRename);
export const mended = (): Promise<void> => check(mendedRename);
