import { statSync } from "node:fs";

/**
 * The environment variable that gives a process that a watcher started the number of the watcher, and behind a blank the
 * port on which the application listened before, if it has one to keep.
 */
export const reloadVariable = "POTTLE_RELOADED";

/** Whether a watcher started this process. */
export function isReloaded(): boolean {
  return process.env[reloadVariable] !== undefined && process.send !== undefined;
}

/** A message from an application's process to the watcher. */
export type ReloadMessage =
  /** The application imports this file, or tries to; the signature is of that moment. */
  | { readonly kind: "file"; readonly path: string; readonly signature: string }
  /** The application listens on this port. */
  | { readonly kind: "listening"; readonly port: number }
  /** A signal that ends the application has reached its event loop. */
  | { readonly kind: "stopping" };

/** Whether a message is a {@link ReloadMessage}; the application may send others. */
export function isReloadMessage(message: unknown): message is ReloadMessage {
  const kind = (message as Partial<ReloadMessage> | null | undefined)?.kind;
  return kind === "file" || kind === "listening" || kind === "stopping";
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
