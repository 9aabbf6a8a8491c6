import { statSync } from "node:fs";

/** The environment variable that gives a process that a watcher started its {@link Orders}, as JSON. */
export const reloadVariable = "POTTLE_RELOADED";

/** The orders of a watcher to the process that it starts. */
export interface Orders {
  /** The process id of the watcher. */
  readonly watcher: number;
  /** The port on which the application listened before, if it is to be kept. */
  readonly port?: number | undefined;
  /** The sockets that the watcher holds: the name of a place and the file descriptor in the process. */
  readonly sockets: readonly (readonly [place: string, fd: number])[];
  /** The text of the page that the process serves instead of the application, which has ended. */
  readonly failure?: string | undefined;
}

/** Whether a watcher started this process. */
export function isReloaded(): boolean {
  return process.env[reloadVariable] !== undefined && process.send !== undefined;
}

/** The orders of the watcher that started this process; `undefined` if none did. */
export function readOrders(): Orders | undefined {
  return isReloaded() ? (JSON.parse(process.env[reloadVariable]!) as Orders) : undefined;
}

/** A message from an application's process to the watcher. */
export type ReloadMessage =
  /** The application imports this file, or tries to; the signature is of that moment. */
  | { readonly kind: "file"; readonly path: string; readonly signature: string }
  /** The application listens on this port. */
  | { readonly kind: "listening"; readonly port: number }
  /** The application is about to end, as it failed; the text says why. */
  | { readonly kind: "failed"; readonly text: string }
  /** A signal that ends the application has reached its event loop. */
  | { readonly kind: "stopping" };

const kinds: ReadonlySet<unknown> = new Set<ReloadMessage["kind"]>(["file", "listening", "failed", "stopping"]);

/** Whether a message is a {@link ReloadMessage}; the application may send others. */
export function isReloadMessage(message: unknown): message is ReloadMessage {
  return kinds.has((message as Partial<ReloadMessage> | null | undefined)?.kind);
}

/** Text that differs after each change of a file; empty if the file is missing or cannot be read. */
export function signatureOf(path: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(path);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return "";
  }
}
