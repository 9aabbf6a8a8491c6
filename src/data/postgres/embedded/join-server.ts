import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { codeOf } from "../../../base/error-code.ts";
import type { DataFolder } from "./data-folder.ts";
import { EmbeddedPostgres } from "./embedded-postgres.ts";
import { Lifeline } from "./lifeline.ts";
import { findServer, isAlive } from "./postmaster-pid.ts";

/** Where the supervisor of a server is found by those who come later. */
interface SupervisorAddress {
  readonly port: number;
  /** What shows that a program may read our files. */
  readonly token: string;
  /** The server's process. */
  readonly server: number;
}

function fileOf({ data }: DataFolder): string {
  return join(dirname(data), "supervisor.json");
}

/** @internal Lets other programs find the supervisor. */
export function writeSupervisor(place: DataFolder, address: SupervisorAddress): void {
  writeFileSync(fileOf(place), JSON.stringify(address), { mode: 0o600 });
}

/**
 * @internal Shares the server that works on `place`.
 *
 * @returns Nothing if there is none, or it is about to end.
 * @throws {CancelledError} If it is cancelled.
 */
export async function joinServer(place: DataFolder): Promise<EmbeddedPostgres | undefined> {
  const found = findServer(place.data);
  const address = readAddress(place);
  if (found?.isReady !== true || address === undefined) return undefined;
  // The supervisor was killed, and cannot stop the server.
  const onBroken = (): void => void (isAlive(found.pid) && process.kill(found.pid, "SIGINT"));
  const lifeline = await Lifeline.join(address.port, address.token, onBroken);
  if (lifeline === "gone" && address.server === found.pid) endOrphan(found.pid);
  return lifeline === undefined || lifeline === "gone" ? undefined : new EmbeddedPostgres(lifeline, found, place);
}

// Its supervisor is no more: it was killed together with the last program that used the server.
function endOrphan(pid: number): void {
  try {
    process.kill(pid, "SIGINT"); // ends connections, and saves
  } catch (error) {
    if (codeOf(error) !== "ESRCH") throw error;
  }
}

function readAddress(place: DataFolder): SupervisorAddress | undefined {
  try {
    const { port, token, server } = JSON.parse(readFileSync(fileOf(place), "utf8")) as Partial<SupervisorAddress>;
    return isPort(port) && typeof token === "string" ? { port, token, server: server ?? 0 } : undefined;
  } catch {
    return undefined; // there is none yet, or it is just being written
  }
}

function isPort(port: unknown): port is number {
  return typeof port === "number" && Number.isInteger(port) && port > 0 && port < 65_536;
}
