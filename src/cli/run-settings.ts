import { findFreePort } from "./find-free-port.ts";
import type { WorkerSettings } from "./workers/worker-settings.ts";

/** The application to serve, and where. */
export interface RunSettings {
  readonly target: string;
  /** An address, a name, or `unix:` and a path. */
  readonly host: string;
  /** `undefined` if the command line names none. */
  readonly port: number | undefined;
  readonly debug: boolean;
  readonly reload: boolean;
  /** `undefined` if one process serves the application. */
  readonly workers: WorkerSettings | undefined;
}

/** The port that is taken if the command line names none. */
export const defaultPort = 5000;

/** The port to listen on: the one asked for, else the default one or the next that is free, which is announced. */
export async function choosePort({ host, port }: RunSettings): Promise<number> {
  if (port !== undefined) return port;
  if (isSocket(host)) return 0;
  const free = await findFreePort(host, defaultPort);
  if (free !== defaultPort) console.log(`Port ${defaultPort} is in use: taking ${free}`);
  return free;
}

/** Whether a host is the path of a Unix socket, `unix:/path`. */
export function isSocket(host: string): boolean {
  return host.startsWith("unix:");
}
