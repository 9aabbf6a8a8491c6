import fs from "node:fs";
import { Readable, PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import { randomUUID } from "node:crypto";
import * as undici from "undici";
import type { Scene } from "./_scene.ts";
import { abortError, deaf, drain, lostReason, never, reason, returns, type Way } from "./_way.ts";

async function part(signal: AbortSignal, scene: Scene): Promise<Response> {
  return scene.ready(await fetch(scene.stage.url("/part"), { signal }));
}

// The body has to be under way when it is cancelled.
const tellsReady = true;

export const fetches: readonly Way[] = [
  reason("`fetch`, its response", "at once", (signal, { stage }) => fetch(stage.url("/hang"), { signal })),
  reason(
    "`fetch`, its response, before it has connected",
    "at once",
    (signal, { stage }) => fetch(stage.url("/hang"), { signal }),
    { isShort: true },
  ),
  reason("`response.text()`", "at once", async (signal, scene) => (await part(signal, scene)).text(), { tellsReady }),
  reason("`response.json()`", "at once", async (signal, scene) => (await part(signal, scene)).json(), { tellsReady }),
  reason("`response.arrayBuffer()`", "at once", async (signal, scene) => (await part(signal, scene)).arrayBuffer(), {
    tellsReady,
  }),
  reason(
    "`for await` over `response.body`",
    "at once",
    async (signal, scene) => drain((await part(signal, scene)).body!),
    {
      tellsReady,
    },
  ),
  reason(
    "`response.body.getReader().read()`",
    "at once",
    async (signal, scene) => {
      const reader = (await part(signal, scene)).body!.getReader();
      while (!(await reader.read()).done);
    },
    { tellsReady },
  ),
  reason(
    "`for await` over `Readable.fromWeb(response.body)`",
    "at once",
    async (signal, scene) => drain(Readable.fromWeb((await part(signal, scene)).body as never)),
    { tellsReady },
  ),
  reason(
    "`pipeline(Readable.fromWeb(response.body), createWriteStream(…))`",
    "later",
    async (signal, scene) => {
      const { body } = await part(signal, scene);
      return pipeline(Readable.fromWeb(body as never), fs.createWriteStream(scene.stage.path("out")));
    },
    { tellsReady },
  ),
  reason(
    "`response.body.pipeTo(…)`",
    "at once",
    async (signal, scene) => (await part(signal, scene)).body!.pipeTo(new WritableStream()),
    { tellsReady },
  ),
  reason("`fetch`, while it uploads a stream", "at once", (signal, { stage }) =>
    fetch(stage.url("/upload"), {
      method: "POST",
      signal,
      duplex: "half",
      body: new ReadableStream({ pull: never }),
    }),
  ),
  reason("`fetch(new Request(url, { signal }))`", "at once", (signal, scene) =>
    fetch(scene.keeps(new Request(scene.stage.url("/hang"), { signal }))),
  ),
  deaf("`new Request(url, { signal, body }).text()`, whose body gives nothing", (signal, { stage }) =>
    new Request(stage.url("/"), {
      method: "POST",
      signal,
      duplex: "half",
      body: new ReadableStream(),
    }).text(),
  ),
];

interface Locks {
  request(name: string, fn: () => unknown): Promise<unknown>;
  request(name: string, options: object, fn: () => unknown): Promise<unknown>;
}
const { locks } = navigator as unknown as { locks: Locks };

export const webStreams: readonly Way[] = [
  reason("`readableStream.pipeTo`", "at once", (signal) =>
    new ReadableStream().pipeTo(new WritableStream(), { signal }),
  ),
  reason(
    "`readableStream.pipeTo`, while its sink writes",
    "at the next item",
    (signal, scene) =>
      new ReadableStream({ pull: (controller) => controller.enqueue(1) }).pipeTo(
        new WritableStream({ write: () => scene.deafStep() }),
        { signal },
      ),
    { goOn: (scene) => scene.free() },
  ),
  reason("`readableStream.pipeTo`, whose sink takes time to abort", "later", (signal) =>
    new ReadableStream().pipeTo(new WritableStream({ abort: () => delay(20) }), { signal }),
  ),
  reason("`readableStream.pipeThrough(…, { signal })`, `reader.read()`", "at once", (signal) =>
    new ReadableStream().pipeThrough(new TransformStream(), { signal }).getReader().read(),
  ),
  reason("`navigator.locks.request`, a lock that is taken", "at once", (signal, scene) => {
    const name = randomUUID();
    void locks.request(name, () => scene.deafStep());
    return locks.request(name, { signal }, () => 1);
  }),
  returns(
    "`navigator.locks.request`, a lock that was granted",
    "at the next item",
    (signal, scene) => locks.request(randomUUID(), { signal }, () => scene.deafStep()),
    { goOn: (scene) => scene.free(), whenAborted: "throws" },
  ),
];

// An agent of its own: in a shared one, a request waits behind those of other runs that never end.
function dispatcher(scene: Scene): undici.Agent {
  return scene.closes(new undici.Agent(), (agent) => agent.destroy());
}

async function undiciPart(signal: AbortSignal | undefined, scene: Scene): Promise<undici.Dispatcher.ResponseData> {
  const options = signal === undefined ? {} : { signal };
  return scene.ready(await undici.request(scene.stage.url("/part"), { ...options, dispatcher: dispatcher(scene) }));
}

export const undiciWays: readonly Way[] = [
  reason("`undici.request`, its response", "at once", (signal, scene) =>
    undici.request(scene.stage.url("/hang"), { signal, dispatcher: dispatcher(scene) }),
  ),
  reason(
    "`body.text()` of `undici.request`",
    "later",
    async (signal, scene) => (await undiciPart(signal, scene)).body.text(),
    { tellsReady },
  ),
  reason(
    "`for await` over the body of `undici.request`",
    "at once",
    async (signal, scene) => drain((await undiciPart(signal, scene)).body),
    { tellsReady },
  ),
  reason(
    "`body.dump({ signal })` of `undici.request`",
    "at once",
    async (signal, scene) => (await undiciPart(undefined, scene)).body.dump({ signal, limit: 1e9 }),
    { tellsReady },
  ),
  reason("`undici.stream`", "at once", (signal, scene) =>
    undici.stream(
      scene.stage.url("/part"),
      { signal, method: "GET", dispatcher: dispatcher(scene) },
      () => new PassThrough(),
    ),
  ),
  reason("`for await` over `undici.pipeline`", "at once", (signal, scene) => {
    const duplex = undici.pipeline(
      scene.stage.url("/part"),
      { signal, method: "GET", dispatcher: dispatcher(scene) },
      ({ body }) => body,
    );
    return drain(duplex.end());
  }),
  reason("`undici.fetch`, its response", "at once", (signal, scene) =>
    undici.fetch(scene.stage.url("/hang"), { signal, dispatcher: dispatcher(scene) }),
  ),
  reason(
    "`text()` of `undici.fetch`",
    "at once",
    async (signal, scene) =>
      scene.ready(await undici.fetch(scene.stage.url("/part"), { signal, dispatcher: dispatcher(scene) })).text(),
    { tellsReady },
  ),
  reason("`undici.fetch(new undici.Request(url, { signal }))`", "at once", (signal, scene) =>
    undici.fetch(new undici.Request(scene.stage.url("/hang"), { signal, dispatcher: dispatcher(scene) })),
  ),
];

export const ownCode: readonly Way[] = [
  reason("a loop that awaits something else and calls `signal.throwIfAborted()`", "later", async (signal) => {
    for (;;) {
      await delay(3);
      signal.throwIfAborted();
    }
  }),
  reason(
    "a loop that awaits something else and throws `signal.reason` if `signal.aborted`",
    "later",
    async (signal) => {
      for (;;) {
        await delay(3);
        if (signal.aborted) throw signal.reason;
      }
    },
  ),
  reason(
    "a promise that a listener rejects with `signal.reason` 5 ms later",
    "later",
    (signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => setTimeout(reject, 5, signal.reason));
      }),
    { whenAborted: "goes on" },
  ),
  lostReason(
    "a promise that a listener rejects, after it has cleaned up, with an error of its own whose cause it is",
    "throws an error made of it",
    "later",
    (signal) =>
      new Promise((_resolve, reject) => {
        const cleanUp = async (): Promise<void> => {
          await delay(5);
          reject(new Error("stopped", { cause: signal.reason }));
        };
        signal.addEventListener("abort", () => void cleanUp());
      }),
    { whenAborted: "goes on" },
  ),
  abortError(
    "the same in a promise of ours: `delay(ms, undefined, { signal })` of a helper function",
    "at once",
    (signal) => helper(signal),
  ),
];

async function helper(signal: AbortSignal): Promise<void> {
  try {
    await delay(100_000, undefined, { signal });
  } finally {
    await Promise.resolve();
  }
}
