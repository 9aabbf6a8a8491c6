import { isStrayError } from "../../core/index.ts";

type Listener = (reason: unknown, promise: Promise<unknown>) => void;

/** @internal Has `listener` told of unhandled rejections, in place of all that listened before, until it is disposed. */
export function takeOverRejections(listener: (reason: unknown) => void): Disposable {
  const before = process.listeners("unhandledRejection") as Listener[];
  const hear: Listener = (reason) => {
    // Code that its scope left behind is meant to end so.
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
