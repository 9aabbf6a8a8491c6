import { statSync } from "node:fs";

/** The environment variable that tells a process that it is started again on changes. */
export const reloadVariable = "POTTLE_RELOADED";

/** What an application's process tells the one that starts it again. */
export type ReloadMessage =
  /** It imports this file, or tries to; that is how it was then. */
  | { readonly kind: "file"; readonly path: string; readonly signature: string }
  /** It listens on this port. */
  | { readonly kind: "listening"; readonly port: number };

/** Whether a message is ours; the application may send others. */
export function isReloadMessage(message: unknown): message is ReloadMessage {
  const kind = (message as Partial<ReloadMessage> | null | undefined)?.kind;
  return kind === "file" || kind === "listening";
}

/** What tells a file from what it was before; empty if it is not there, or cannot be looked at. */
export function signatureOf(path: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(path);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return "";
  }
}
