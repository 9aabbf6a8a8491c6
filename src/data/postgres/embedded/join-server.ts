import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { DataFolder } from "./data-folder.ts";
import { EmbeddedPostgres } from "./embedded-postgres.ts";
import { Lifeline } from "./lifeline.ts";
import { findServer, isAlive } from "./postmaster-pid.ts";

/** Where the supervisor of a server is found by those who come later. */
interface SupervisorAddress {
  readonly port: number;
  /** What shows that whoever comes may read our files. */
  readonly token: string;
}

function fileOf({ data }: DataFolder): string {
  return join(dirname(data), "supervisor.json");
}

/** @internal Has others find the supervisor. */
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
  return lifeline === undefined ? undefined : new EmbeddedPostgres(lifeline, found, place);
}

function readAddress(place: DataFolder): SupervisorAddress | undefined {
  try {
    const { port, token } = JSON.parse(readFileSync(fileOf(place), "utf8")) as Partial<SupervisorAddress>;
    return isPort(port) && typeof token === "string" ? { port, token } : undefined;
  } catch {
    return undefined; // there is none yet, or it is just being written
  }
}

function isPort(port: unknown): port is number {
  return typeof port === "number" && Number.isInteger(port) && port > 0 && port < 65_536;
}
