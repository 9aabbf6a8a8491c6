import { registerHooks } from "node:module";
import { extname, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { Worker } from "node:worker_threads";
import { ambient } from "../../asyncio/index.ts";
import { workerThreads } from "../../base/node.ts";
import { noop } from "../../base/noop.ts";
import type { GuardData } from "./guard.ts";
import { readOrders, type ReloadMessage, reloadVariable, signatureOf } from "./messages.ts";

/** How long the process may take to end once the watcher is gone, in milliseconds, before it is killed. */
const orphanTimeout = 5_000;

/** How long the server of a process that is replaced takes to end, in milliseconds: a developer waits for it. */
export const replacedWithin = {
  /** How long requests may go on at most. */
  drainTimeout: 1_000,
  /** How long connections are kept that were accepted, and whose first request is on its way. */
  keepIdle: 50,
} as const;

const exitSignals: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM"];

/** The connection from the process of an application to the watcher, which starts it again when a file changes. */
export interface Watcher extends Disposable {
  /** The port on which the application listened before it was started again, if it is to be kept. */
  readonly lastPort: number | undefined;
  /** Reports the port on which the application listens, so that the next process takes it too. */
  listening(port: number): void;
  /** Reports why the application fails, and waits until that is sent. */
  failed(text: string): Promise<void>;
}

/**
 * Connects to the watcher that started this process, and reports to it each file that is imported from now on, and the
 * arrival of a signal: if that report does not come, the event loop is blocked. Servers of this process take the
 * sockets that the watcher holds for their places. When the watcher is gone, this process ends too.
 *
 * @returns `undefined` if the process was not started by a watcher.
 */
export function connectToWatcher(): Watcher | undefined {
  const orders = readOrders();
  if (orders === undefined) return undefined;
  const { watcher, sockets } = orders;
  const held = ambient("server.heldSockets", () => new Map<string, number>());
  for (const [place, fd] of sockets) held.set(place, fd);
  // A process that the application starts is not watched.
  delete process.env[reloadVariable];
  process.once("disconnect", stop);
  process.channel?.unref();
  for (const signal of exitSignals) process.on(signal, answer);
  const guard = startGuard(watcher);
  const hooks = registerHooks({
    load(url, context, nextLoad) {
      tellFile(url);
      return nextLoad(url, context);
    },
    resolve(specifier, context, nextResolve) {
      try {
        return nextResolve(specifier, context);
      } catch (error) {
        // The file may be written later.
        tellFile((error as { url?: unknown }).url);
        throw error;
      }
    },
  });
  return {
    lastPort: orders.port,
    listening: (port) => tell({ kind: "listening", port }),
    failed: (text) => new Promise((resolve) => tell({ kind: "failed", text }, resolve)),
    [Symbol.dispose]: () => {
      hooks.deregister();
      process.off("disconnect", stop);
      for (const signal of exitSignals) process.off(signal, answer);
      void guard.terminate();
    },
  };
}

function tellFile(url: unknown): void {
  if (typeof url !== "string" || !url.startsWith("file:")) return;
  const path = fileURLToPath(url);
  if (!path.split(sep).includes("node_modules")) tell({ kind: "file", path, signature: signatureOf(path) });
}

function tell(message: ReloadMessage, onSent: () => void = noop): void {
  // If the channel is closed, the watcher is gone, and this process is about to end.
  if (process.connected) process.send?.(message, undefined, undefined, onSent);
  else onSent();
}

function answer(): void {
  tell({ kind: "stopping" });
}

function stop(): void {
  process.emit("SIGTERM", "SIGTERM");
}

function startGuard(watcher: number): Worker {
  const { Worker } = workerThreads();
  const file = new URL(`./guard${extname(import.meta.url)}`, import.meta.url);
  const guardData: GuardData = { watcher, orphanTimeout };
  const guard = new Worker(file, { workerData: guardData, name: "pottle reload guard", execArgv: [] });
  guard.on("error", (error) => console.error("The application will not end with its watcher:", error));
  guard.unref();
  return guard;
}
