import { execFile } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import { appendFile, open, readFile, watch, writeFile } from "node:fs/promises";
import { arrayBuffer } from "node:stream/consumers";
import { finished } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { manyBytes, type Scene } from "./_scene.ts";
import { abortError, drain, reason, returns, type Way } from "./_way.ts";

const isShort = true;

// Open before the way runs: the abort has to meet the operation, and not the `open`.
async function openBoth(scene: Scene): Promise<void> {
  const { stage } = scene;
  scene.input = scene.closes(await open(stage.large), (handle) => handle.close());
  scene.output = scene.closes(await open(stage.path("out"), "w"), (handle) => handle.close());
}

const handles = { isShort, prepare: openBoth };

const fifos = new WeakMap<Scene, string>();

async function makeFifo(scene: Scene): Promise<void> {
  const path = scene.stage.path("fifo");
  await promisify(execFile)("mkfifo", [path]);
  fifos.set(scene, path);
  // Whatever still waits for somebody to open it for writing goes on.
  scene.closes(path, () => writeFifo(scene));
}

async function writeFifo(scene: Scene): Promise<void> {
  const handle = await open(fifos.get(scene)!, "r+");
  await handle.write("x");
  await handle.close();
}

const fifo = { prepare: makeFifo, goOn: writeFifo, holdsThread: true };

export const wholeFiles: readonly Way[] = [
  abortError("`readFile`, a large file", "later", (signal, { stage }) => readFile(stage.large, { signal }), {
    isShort,
  }),
  abortError("`readFile`, a small file", "later", (signal, { stage }) => readFile(stage.small, { signal }), {
    isShort,
  }),
  abortError(
    "`readFile` with an encoding",
    "later",
    (signal, { stage }) => readFile(stage.large, { signal, encoding: "latin1" }),
    { isShort },
  ),
  abortError(
    "`readFile`, a FIFO that gives nothing",
    "at the next item",
    (signal, scene) => readFile(fifos.get(scene)!, { signal }),
    fifo,
  ),
  abortError(
    "`writeFile`, a buffer",
    "later",
    (signal, { stage }) => writeFile(stage.path("out"), manyBytes, { signal }),
    { isShort },
  ),
  abortError(
    "`writeFile`, an async iterable that gives nothing",
    "at the next item",
    (signal, scene) => writeFile(scene.stage.path("out"), scene.stalled(), { signal }),
    { goOn: (scene) => scene.source.push("x") },
  ),
  abortError(
    "`appendFile`",
    "later",
    (signal, { stage }) => appendFile(stage.path("out"), manyBytes, { signal } as object),
    { isShort },
  ),
  abortError(
    "`fs.readFile`, promisified",
    "later",
    (signal, { stage }) => promisify(fs.readFile)(stage.large, { signal } as object),
    { isShort },
  ),
  abortError(
    "`fs.writeFile`, promisified",
    "later",
    (signal, { stage }) => promisify(fs.writeFile)(stage.path("out"), manyBytes, { signal }),
    { isShort },
  ),
  abortError(
    "`fs.appendFile`, promisified",
    "later",
    (signal, { stage }) => promisify(fs.appendFile)(stage.path("out"), manyBytes, { signal }),
    { isShort },
  ),
  abortError("`for await` over `fs/promises.watch`", "at once", (signal, { stage }) =>
    drain(watch(stage.folder, { signal })),
  ),
  returns('`once(fs.watch(…), "close")`', "at once", (signal, { stage }) =>
    once(fs.watch(stage.folder, { signal }), "close"),
  ),
];

export const fileHandles: readonly Way[] = [
  abortError("`fileHandle.readFile`", "later", (signal, { input }) => input.readFile({ signal } as object), handles),
  abortError(
    "`fileHandle.writeFile`",
    "later",
    (signal, { output }) => output.writeFile(manyBytes, { signal }),
    handles,
  ),
  abortError(
    "`fileHandle.appendFile`",
    "later",
    (signal, { output }) => output.appendFile(manyBytes, { signal }),
    handles,
  ),
  abortError(
    "`for await` over `fileHandle.createReadStream`",
    "later",
    (signal, { input }) => drain(input.createReadStream({ signal })),
    handles,
  ),
  abortError(
    "`finished(fileHandle.createWriteStream(…))`",
    "later",
    (signal, { output }) => {
      const stream = output.createWriteStream({ signal } as object);
      stream.write(manyBytes);
      return finished(stream);
    },
    handles,
  ),
  abortError(
    "`for await` over `fileHandle.readLines`",
    "later",
    (signal, { input }) => drain(input.readLines({ signal })),
    handles,
  ),
  reason(
    "`fileHandle.readableWebStream().pipeTo`",
    "at once",
    (signal, { input }) => input.readableWebStream().pipeTo(new WritableStream({ write: () => delay(5) }), { signal }),
    handles,
  ),
];

export const fileStreams: readonly Way[] = [
  abortError(
    "`for await` over `createReadStream`, before it has opened",
    "later",
    (signal, { stage }) => drain(fs.createReadStream(stage.large, { signal })),
    { isShort },
  ),
  abortError(
    "`for await` over `createReadStream`, while it reads",
    "later",
    (signal, { stage }) => drain(fs.createReadStream(stage.large, { signal, highWaterMark: 1024 })),
    { runsFor: 5 },
  ),
  abortError(
    "`for await` over `createReadStream`, a FIFO that gives nothing",
    "at the next item",
    (signal, scene) => drain(fs.createReadStream(fifos.get(scene)!, { signal })),
    fifo,
  ),
  abortError(
    "`finished(createReadStream(…))`",
    "later",
    (signal, { stage }) => finished(fs.createReadStream(stage.large, { signal }).resume()),
    { isShort },
  ),
  abortError(
    '`createReadStream(…).on("error", reject)`',
    "later",
    (signal, { stage }) =>
      new Promise((_resolve, reject) => fs.createReadStream(stage.large, { signal }).resume().on("error", reject)),
    { isShort },
  ),
  abortError(
    "`stream/consumers` on `createReadStream`",
    "later",
    (signal, { stage }) => arrayBuffer(fs.createReadStream(stage.large, { signal })),
    { isShort },
  ),
  abortError(
    "`finished(createWriteStream(…))`",
    "later",
    (signal, { stage }) => {
      const stream = fs.createWriteStream(stage.path("out"), { signal });
      stream.write(manyBytes);
      return finished(stream);
    },
    { isShort },
  ),
  abortError(
    '`once(createWriteStream(…), "finish")`',
    "later",
    (signal, { stage }) => once(fs.createWriteStream(stage.path("out"), { signal }).end(manyBytes), "finish"),
    { isShort },
  ),
  abortError(
    "`createWriteStream(…).write` with a callback",
    "at once",
    (signal, { stage }) => {
      const stream = fs.createWriteStream(stage.path("out"), { signal }).on("error", () => undefined);
      return new Promise<void>((resolve, reject) => {
        stream.write(manyBytes, (error) => (error ? reject(error) : resolve()));
      });
    },
    { isShort, whenAborted: "throws something else" },
  ),
];
