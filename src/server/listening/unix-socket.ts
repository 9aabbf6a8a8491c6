// A socket of the file system is a file: it is there before the server listens if an earlier one was killed, and then no
// server can listen on its path. It is removed if no program answers there.

import { lstatSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { park } from "../../asyncio/index.ts";
import { codeOf } from "../../base/error-code.ts";

const prefix = "unix:";

/** @internal The path of a host such as `unix:/run/app.sock`; `undefined` if the host is an address or a name. */
export function socketPathOf(host: string): string | undefined {
  return host.startsWith(prefix) ? host.slice(prefix.length) : undefined;
}

/** @internal Removes the socket that a killed server has left at `path`; any other file, or one in use, stays. */
export async function removeStaleSocket(path: string): Promise<void> {
  if (isLaterWorker()) return;
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() !== true) return;
  if (!(await isAnswered(path))) rmSync(path, { force: true });
}

// What the first worker of a cluster has listened on belongs to its primary, and does not answer before the next one listens.
function isLaterWorker(): boolean {
  // Only a worker has a channel to its parent; to load `node:cluster` would cost every other process.
  if (process.send === undefined) return false;
  const { worker } = process.getBuiltinModule("node:cluster");
  return (worker?.id ?? 0) > 1;
}

async function isAnswered(path: string): Promise<boolean> {
  const probe = connect({ path });
  try {
    return await park<boolean>({ kind: "socket", name: path }, (wait) => {
      probe.on("connect", () => wait.wake(true));
      // A socket that refuses for another reason, such as missing rights, counts as in use.
      probe.on("error", (error) => wait.wake(codeOf(error) !== "ECONNREFUSED"));
    });
  } finally {
    probe.destroy();
  }
}
