import type { EventEmitter } from "node:events";
import { currentScope, park, type Resource, throwPending } from "../core/index.ts";
import { ConnectionResetError } from "./errors.ts";

/**
 * @internal Waits until `emitter` emits `event`, then removes its own listeners. Throws if `error` or `close` comes
 * first.
 */
export async function once(emitter: EventEmitter, event: string, resource: Resource): Promise<void> {
  let stop: (() => void) | undefined;
  try {
    await park<void>(resource, (wait) => {
      const onEvent = (): void => void wait.wake();
      const onError = (error: unknown): void => void wait.fail(error);
      const onClose = (): void => void wait.fail(new ConnectionResetError(`wait for ${resource.kind}`));
      emitter.on(event, onEvent).on("error", onError).on("close", onClose);
      stop = () => emitter.off(event, onEvent).off("error", onError).off("close", onClose);
    });
    throwPending(currentScope());
  } finally {
    stop?.();
  }
}
