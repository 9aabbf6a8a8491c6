import { isStrayError } from "../../core/index.ts";

type Listener = (reason: unknown, promise: Promise<unknown>) => void;

/**
 * @internal Calls `listener` for unhandled rejections instead of all previous listeners, until the result is disposed.
 */
export function takeOverRejections(listener: (reason: unknown) => void): Disposable {
  const before = process.listeners("unhandledRejection") as Listener[];
  const hear: Listener = (reason) => {
    // The rejection of stray code is intended.
    if (!isStrayError(reason)) listener(reason);
  };
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", hear);
  return {
    [Symbol.dispose](): void {
      const during = (process.listeners("unhandledRejection") as Listener[]).filter((other) => other !== hear);
      process.removeAllListeners("unhandledRejection");
      for (const each of [...before, ...during]) process.on("unhandledRejection", each);
    },
  };
}
