import { registerHooks } from "node:module";
import { sep } from "node:path";
import { fileURLToPath } from "node:url";
import { type ReloadMessage, reloadVariable, signatureOf } from "./reload-messages.ts";

/** How long the process may take to end once nobody is there who would start it again, in milliseconds. */
const orphanTime = 5_000;

/** The way from the process of an application to the one that starts it again when a file changes. */
export interface Reloader extends Disposable {
  /** Says where the application listens, so that it will again. */
  listening(port: number): void;
}

/**
 * Tells the process that started this one, if it is to start it again on changes, of every file that is imported from
 * now on. If that process is gone, so must be this one.
 *
 * @returns `undefined` if there is none.
 */
export function connectToReloader(): Reloader | undefined {
  if (process.env[reloadVariable] === undefined || process.send === undefined) return undefined;
  // A process that the application starts is none of ours.
  delete process.env[reloadVariable];
  process.once("disconnect", endAsOrphan);
  process.channel?.unref();
  const hooks = registerHooks({
    load(url, context, nextLoad) {
      tellFile(url);
      return nextLoad(url, context);
    },
    resolve(specifier, context, nextResolve) {
      try {
        return nextResolve(specifier, context);
      } catch (error) {
        // It may be written yet.
        tellFile((error as { url?: unknown }).url);
        throw error;
      }
    },
  });
  return {
    listening: (port) => tell({ kind: "listening", port }),
    [Symbol.dispose]: () => {
      hooks.deregister();
      process.off("disconnect", endAsOrphan);
    },
  };
}

function tellFile(url: unknown): void {
  if (typeof url !== "string" || !url.startsWith("file:")) return;
  const path = fileURLToPath(url);
  if (!path.split(sep).includes("node_modules")) tell({ kind: "file", path, signature: signatureOf(path) });
}

function tell(message: ReloadMessage): void {
  // It is gone if the channel is closed; then this process is about to end.
  if (process.connected) process.send?.(message);
}

function endAsOrphan(): void {
  setTimeout(() => process.exit(1), orphanTime).unref();
  process.emit("SIGTERM", "SIGTERM");
}
