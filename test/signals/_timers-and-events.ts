import { addAbortListener, EventEmitter, on, once } from "node:events";
import { scheduler, setImmediate, setInterval, setTimeout } from "node:timers/promises";
import * as util from "node:util";
import { abortError, deaf, drain, reason, returns, type Way } from "./_way.ts";

const long = 100_000;

// New in Node 26.
type Debounce = (fn: () => unknown, ms: number, options: object) => () => Promise<unknown>;
const { debounce } = util as unknown as { debounce: Debounce };

async function stepBy(items: AsyncIterable<unknown>, step: () => Promise<void>): Promise<void> {
  for await (const _ of items) await step();
}

function onItems(signal: AbortSignal): AsyncIterable<unknown> {
  const emitter = new EventEmitter();
  queueMicrotask(() => emitter.emit("item"));
  return on(emitter, "item", { signal });
}

export const timers: readonly Way[] = [
  abortError("`setTimeout` of `timers/promises`", "at once", (signal) => setTimeout(long, 0, { signal })),
  abortError("`setImmediate` of `timers/promises`", "at once", (signal) => setImmediate(0, { signal }), {
    isShort: true,
  }),
  abortError("`for await` over `setInterval`", "at once", (signal) => drain(setInterval(long, 0, { signal }))),
  abortError(
    "`for await` over `setInterval`, its body awaits something else",
    "at the next item",
    (signal, scene) => stepBy(setInterval(3, 0, { signal }), () => scene.deafStep()),
    { goOn: (scene) => scene.free() },
  ),
  abortError("`scheduler.wait`", "at once", (signal) => scheduler.wait(long, { signal })),
  abortError(
    "`util.debounce` with `rejectOnCancel`",
    "at once",
    (signal) => debounce(() => 1, long, { signal, rejectOnCancel: true })(),
    { since: 26 },
  ),
];

export const events: readonly Way[] = [
  abortError("`once(emitter, name)`", "at once", (signal) => once(new EventEmitter(), "item", { signal })),
  abortError("`once(eventTarget, name)`", "at once", (signal) => once(new EventTarget(), "item", { signal })),
  abortError("`for await` over `on(emitter, name)`", "at once", (signal) =>
    drain(on(new EventEmitter(), "item", { signal })),
  ),
  abortError("`for await` over `on(eventTarget, name)`", "at once", (signal) =>
    drain(on(new EventTarget() as never, "item", { signal })),
  ),
  abortError(
    "`for await` over `on`, its body awaits something else",
    "at the next item",
    (signal, scene) => stepBy(onItems(signal), () => scene.deafStep()),
    { goOn: (scene) => scene.free() },
  ),
  reason(
    "`addAbortListener`, and the listener rejects",
    "at once",
    (signal) =>
      new Promise((_resolve, reject) => {
        addAbortListener(signal, () => reject(signal.reason as Error));
      }),
  ),
  reason(
    "`signal.addEventListener`, and the listener rejects",
    "at once",
    (signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason as Error));
      }),
    { whenAborted: "goes on" },
  ),
  returns('`once(signal, "abort")`', "at once", (signal) => once(signal, "abort"), { whenAborted: "goes on" }),
  returns("`util.aborted`", "at once", (signal) => util.aborted(signal, {})),
  returns("`once` on a kept `AbortSignal.any`", "at once", (signal) => once(AbortSignal.any([signal]), "abort"), {
    whenAborted: "goes on",
  }),
  deaf("`eventTarget.addEventListener` with `{ signal }`", (signal) => {
    return new Promise((resolve) => new EventTarget().addEventListener("item", resolve, { signal }));
  }),
];
