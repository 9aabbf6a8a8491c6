import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { codeOf } from "../../../base/error-code.ts";
import type { DataFolder } from "./data-folder.ts";
import { EmbeddedPostgres } from "./embedded-postgres.ts";
import { Lifeline } from "./lifeline.ts";
import { findServer, isAlive } from "./postmaster-pid.ts";

/** The address of a server's supervisor, for programs that start later. */
interface SupervisorAddress {
  readonly port: number;
  /** A secret from our files. It proves that a program is allowed to read them. */
  readonly token: string;
  /** The ID of the server's process. */
  readonly server: number;
}

function fileOf({ data }: DataFolder): string {
  return join(dirname(data), "supervisor.json");
}

/** @internal Stores the supervisor's address, so that other programs can find it. */
export function writeSupervisor(place: DataFolder, address: SupervisorAddress): void {
  writeFileSync(fileOf(place), JSON.stringify(address), { mode: 0o600 });
}

/**
 * @internal Joins the running server of `place`.
 *
 * @returns `undefined` if there is none, or if it is about to end.
 * @throws {CancelledError} If the call is cancelled.
 */
export async function joinServer(place: DataFolder): Promise<EmbeddedPostgres | undefined> {
  const found = findServer(place.data);
  const address = readAddress(place);
  if (found?.isReady !== true || address === undefined) return undefined;
  // Called if the supervisor was killed. It can no longer stop the server, so this process does.
  const onBroken = (): void => void (isAlive(found.pid) && process.kill(found.pid, "SIGINT"));
  const lifeline = await Lifeline.join(address.port, address.token, onBroken);
  if (lifeline === "gone" && address.server === found.pid) endOrphan(found.pid);
  return lifeline === undefined || lifeline === "gone" ? undefined : new EmbeddedPostgres(lifeline, found, place);
}

// Ends a server without a supervisor: the supervisor was killed together with the last program that used the server.
function endOrphan(pid: number): void {
  try {
    process.kill(pid, "SIGINT"); // ends connections and saves the data
  } catch (error) {
    if (codeOf(error) !== "ESRCH") throw error;
  }
}

function readAddress(place: DataFolder): SupervisorAddress | undefined {
  try {
    const { port, token, server } = JSON.parse(readFileSync(fileOf(place), "utf8")) as Partial<SupervisorAddress>;
    return isPort(port) && typeof token === "string" ? { port, token, server: server ?? 0 } : undefined;
  } catch {
    return undefined; // it does not exist yet, or is being written
  }
}

function isPort(port: unknown): port is number {
  return typeof port === "number" && Number.isInteger(port) && port > 0 && port < 65_536;
}
