import { once } from "node:events";
import fs from "node:fs";
import {
  addAbortSignal,
  compose,
  Duplex,
  finished as finishedByCallback,
  PassThrough,
  pipeline as pipelineByCallback,
  Readable,
  Writable,
} from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import type { Scene } from "./_scene.ts";
import { abortError, deaf, drain, lostReason, never, type Way } from "./_way.ts";

const push = { goOn: (scene: Scene) => scene.source.push(1) };
const step = { goOn: (scene: Scene) => scene.free() };

function sink(): Writable {
  return new Writable({ objectMode: true, write: (_chunk, _encoding, callback) => callback() });
}

function slowToDestroy(signal?: AbortSignal): Writable {
  const options = signal === undefined ? {} : { signal };
  const destroy = (error: Error | null, callback: (error?: Error | null) => void): void =>
    void setTimeout(callback, 20, error);
  return new Writable({ ...options, objectMode: true, write: () => undefined, destroy });
}

function stalledDuplex(signal: AbortSignal): Duplex {
  return new Duplex({ signal, read: () => undefined, write: () => undefined });
}

async function* givesNothing(): AsyncGenerator<number, void, undefined> {
  yield await never();
}

async function* waitsBySignal(_source: unknown, { signal }: { signal: AbortSignal }): AsyncGenerator<number> {
  yield await delay(100_000, 0, { signal });
}

export const streams: readonly Way[] = [
  abortError("`for await` over `new Readable({ signal })`", "at once", (signal, scene) =>
    drain(scene.stalled({ signal })),
  ),
  abortError("`for await` over `addAbortSignal(signal, readable)`", "at once", (signal, scene) =>
    drain(addAbortSignal(signal, scene.stalled())),
  ),
  abortError("`addAbortSignal(signal, readableStream)`, `reader.read()`", "at once", (signal) => {
    const stream = new ReadableStream();
    addAbortSignal(signal, stream as never);
    return stream.getReader().read();
  }),
  deaf(
    "`addAbortSignal(signal, writableStream)`, `writer.write()`",
    (signal) => {
      const stream = new WritableStream({ write: never });
      addAbortSignal(signal, stream as never);
      const writer = stream.getWriter();
      writer.closed.catch(() => undefined);
      writer.ready.catch(() => undefined);
      return writer.write(1);
    },
    { whenAborted: "throws" },
  ),
  abortError("`finished(new Writable({ signal }))`", "at once", (signal) =>
    finished(new Writable({ signal, write: () => undefined })),
  ),
  abortError("`finished(new Writable({ signal }))`, its `destroy` takes time", "later", (signal) =>
    finished(slowToDestroy(signal)),
  ),
  abortError('`once(new Duplex({ signal }), "data")`', "at once", (signal) => once(stalledDuplex(signal), "data")),
  deaf(
    "`for await` over `Readable.from(generator, { signal })`, which gives nothing",
    (signal) => drain(Readable.from(givesNothing(), { signal })),
    { whenAborted: "throws" },
  ),
  abortError("`for await` over `Readable.fromWeb(…, { signal })`", "at once", (signal) =>
    drain(Readable.fromWeb(new ReadableStream() as never, { signal })),
  ),
  abortError("`finished(Writable.fromWeb(…, { signal }))`", "at once", (signal) =>
    finished(Writable.fromWeb(new WritableStream({ write: never }), { signal })),
  ),
  abortError('`once(Duplex.fromWeb(…, { signal }), "data")`', "at once", (signal) => {
    const pair = { readable: new ReadableStream(), writable: new WritableStream() };
    return once(Duplex.fromWeb(pair as never, { signal }), "data");
  }),
  abortError("`finished(readable, { signal })`", "at once", (signal, scene) => finished(scene.stalled(), { signal })),
  abortError("`finished(readable, { signal, cleanup })`", "at once", (signal, scene) =>
    finished(scene.stalled(), { signal, cleanup: true }),
  ),
  abortError(
    "`finished(readable, { signal }, callback)`",
    "at once",
    (signal, scene) =>
      new Promise<void>((resolve, reject) => {
        finishedByCallback(scene.stalled(), { signal }, (error) => (error ? reject(error) : resolve()));
      }),
  ),
  abortError("`finished(readableStream, { signal })`", "at once", (signal) =>
    finished(new ReadableStream() as never, { signal }),
  ),
];

export const pipelines: readonly Way[] = [
  abortError("`pipeline` in memory", "at once", (signal, scene) =>
    pipeline(scene.stalled(), new PassThrough({ objectMode: true }), sink(), { signal }),
  ),
  abortError(
    "`pipeline` from file to file, before they have opened",
    "later",
    (signal, { stage }) =>
      pipeline(fs.createReadStream(stage.large), fs.createWriteStream(stage.path("out")), { signal }),
    { isShort: true },
  ),
  abortError(
    "`pipeline` from file to file, while it copies",
    "later",
    (signal, { stage }) =>
      pipeline(
        fs.createReadStream(stage.large, { highWaterMark: 1024 }),
        fs.createWriteStream(stage.path("out"), { highWaterMark: 1024 }),
        { signal },
      ),
    { runsFor: 5 },
  ),
  abortError(
    "`pipeline` with a generator that awaits something else",
    "at once",
    (signal, scene) =>
      pipeline(
        scene.stalled(),
        async function* (source: AsyncIterable<unknown>) {
          for await (const item of source) yield [item, await never()];
        },
        sink(),
        { signal },
      ),
    push,
  ),
  lostReason(
    "`pipeline` with a generator that waits by the signal it is given",
    "throws an error of its own",
    "at once",
    (signal) => pipeline(Readable.from([1]), waitsBySignal as never, new PassThrough({ objectMode: true }), { signal }),
    { whenAborted: "throws something else" },
  ),
  abortError(
    "`pipeline` into an async function that awaits something else",
    "at the next item",
    (signal, scene) =>
      pipeline(
        Readable.from([1, 2]),
        async (source: AsyncIterable<unknown>) => {
          for await (const _ of source) await scene.deafStep();
        },
        { signal },
      ),
    { ...step, whenAborted: "goes on" },
  ),
  abortError("`pipeline`, one of whose streams takes time to destroy", "later", (signal, scene) =>
    pipeline(scene.stalled(), slowToDestroy(), { signal }),
  ),
  abortError("`stream.pipeline`, promisified, of `addAbortSignal(signal, readable)`", "at once", (signal, scene) =>
    promisify(pipelineByCallback)(addAbortSignal(signal, scene.stalled()), new PassThrough({ objectMode: true })),
  ),
  abortError("`for await` over `readable.compose(…, { signal })`", "at once", (signal, scene) =>
    drain(scene.stalled().compose(new PassThrough({ objectMode: true }), { signal })),
  ),
  abortError("`for await` over `addAbortSignal(signal, compose(…))`", "at once", (signal, scene) =>
    drain(addAbortSignal(signal, compose<Readable, Duplex>(scene.stalled(), new PassThrough({ objectMode: true })))),
  ),
];

type Operator = (source: Readable, signal: AbortSignal) => unknown;

function operator(name: string, apply: Operator, whenAborted: Way["whenAborted"] = "goes on"): Way {
  const run: Way["run"] = (signal, scene) => apply(scene.stalled(), signal);
  const details = { ...push, whenAborted };
  return lostReason(
    `\`readable.${name}\`, which gives nothing`,
    "throws an `AbortError` without a cause",
    "at the next item",
    run,
    details,
  );
}

export const operators: readonly Way[] = [
  operator("map(…).toArray()", (source, signal) => source.map((item: unknown) => item, { signal }).toArray()),
  operator("filter(…).toArray()", (source, signal) => source.filter(() => true, { signal }).toArray()),
  operator("flatMap(…).toArray()", (source, signal) => source.flatMap(() => [1], { signal }).toArray()),
  operator("forEach", (source, signal) => source.forEach(() => undefined, { signal })),
  operator("some", (source, signal) => source.some(() => false, { signal })),
  operator("every", (source, signal) => source.every(() => true, { signal })),
  operator("find", (source, signal) => source.find(() => false, { signal })),
  operator("reduce", (source, signal) => source.reduce((sum: number) => sum, 0, { signal }), "throws"),
  operator("take(…).toArray()", (source, signal) => source.take(5, { signal }).toArray(), "throws"),
  operator("drop(…).toArray()", (source, signal) => source.drop(1, { signal }).toArray(), "throws"),
  abortError(
    "`readable.toArray`, which gives nothing",
    "at the next item",
    (signal, scene) => scene.stalled().toArray({ signal }),
    { ...push, whenAborted: "goes on" },
  ),
  abortError("`readable.forEach`, whose function waits by the signal it is given", "at once", (signal) =>
    Readable.from([1]).forEach((_item, options) => delay(100_000, undefined, { signal: options!.signal! }), { signal }),
  ),
  lostReason(
    "`readable.forEach`, whose function awaits something else",
    "throws an `AbortError` without a cause",
    "at the next item",
    (signal, scene) => Readable.from([1, 2]).forEach(() => scene.deafStep(), { signal }),
    step,
  ),
  lostReason(
    "`readable.map(…).toArray()`, whose function awaits something else",
    "throws an `AbortError` without a cause",
    "at the next item",
    (signal, scene) =>
      Readable.from([1, 2])
        .map(() => scene.deafStep(), { signal })
        .toArray(),
    step,
  ),
];
