import { outside, park, type Resource } from "../../asyncio/index.ts";

/**
 * @internal Waits for something of the driver's, in the open and cancellable. A cancellation ends the wait at once; what
 * comes of the promise then is nobody's business any more, and neither is its error.
 */
export function awaitOutside<T>(resource: Resource, start: () => Promise<T>): Promise<T> {
  return park<T>(resource, (wait) => {
    const wake = (value: T): boolean => wait.wake(value);
    const fail = (error: unknown): boolean => wait.fail(error);
    outside(() => void start().then(wake, fail));
  });
}
