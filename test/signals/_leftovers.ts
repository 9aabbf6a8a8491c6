import { exec, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { addAbortListener, EventEmitter, on, once } from "node:events";
import fs from "node:fs";
import { readFile } from "node:fs/promises";
import http from "node:http";
import net from "node:net";
import { createInterface } from "node:readline";
import { addAbortSignal, Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { aborted, promisify } from "node:util";
import * as undici from "undici";
import type { Scene } from "./_scene.ts";
import { response } from "./_sockets.ts";

/** Something that keeps the signal in the background, while the code that made it awaits something else. */
export interface Leftover {
  readonly name: string;
  /** What it returns is kept until the run is over. */
  readonly make: (signal: AbortSignal, scene: Scene) => unknown;
  /** Whether it is awaited until it is open. @default false */
  readonly opens?: boolean;
  /** Whether it throws at once if the signal is aborted already. @default false */
  readonly refuses?: boolean;
}

function ignore(): void {}

function listen(signal: AbortSignal): AbortSignal {
  signal.addEventListener("abort", ignore);
  return signal;
}

async function part(signal: AbortSignal, { stage }: Scene): Promise<Response> {
  return await fetch(stage.url("/part"), { signal });
}

export const leftovers: readonly Leftover[] = [
  { name: "a listener of `addEventListener`", make: listen },
  { name: "a listener of `addAbortListener`", make: (signal) => addAbortListener(signal, ignore) },
  { name: "a listener on `AbortSignal.any`", make: (signal) => listen(AbortSignal.any([signal])) },
  {
    name: "a listener of an `EventTarget` with `{ signal }`",
    make: (signal) => {
      const target = new EventTarget();
      target.addEventListener("item", ignore, { signal });
      return target;
    },
  },
  {
    name: "`util.aborted`",
    make: (signal) => {
      const resource = {};
      void aborted(signal, resource);
      return resource;
    },
  },
  { name: "`on` of `node:events`", refuses: true, make: (signal) => on(new EventEmitter(), "item", { signal }) },
  {
    name: "`once` of `node:events`, its error ignored",
    make: (signal) => [once(new EventEmitter(), "item", { signal }).catch(ignore)],
  },
  { name: "`fs.watch`", make: (signal, { stage }) => fs.watch(stage.folder, { signal }) },
  {
    name: "`createReadStream`, not read",
    make: (signal, { stage }) => fs.createReadStream(stage.large, { signal }).on("error", ignore),
  },
  {
    name: "`createWriteStream`",
    make: (signal, { stage }) => fs.createWriteStream(stage.path("out"), { signal }).on("error", ignore),
  },
  {
    name: "`fs/promises.readFile`, its error ignored",
    make: (signal, { stage }) => [readFile(stage.large, { signal }).catch(ignore)],
  },
  { name: "`new Readable({ signal })`", make: (signal, scene) => scene.stalled({ signal }).on("error", ignore) },
  {
    name: "`addAbortSignal(signal, readableStream)`",
    make: (signal) => addAbortSignal(signal, new ReadableStream() as never),
  },
  {
    name: "`spawn`",
    make: (signal, scene) => scene.child(spawn("sleep", ["2"], { signal })).on("error", ignore),
  },
  {
    name: "`exec`, promisified, its error ignored",
    make: (signal) => [promisify(exec)("sleep 2", { signal }).catch(ignore)],
  },
  {
    name: "`http.get`, its response not read",
    opens: true,
    make: async (signal, { stage }) =>
      (await response(http.get(stage.url("/part"), { signal, agent: false }).on("error", ignore))).on("error", ignore),
  },
  {
    name: "`net.connect`",
    make: (signal, { stage }) =>
      net.connect({ port: stage.port("net"), host: "127.0.0.1", signal } as net.NetConnectOpts).on("error", ignore),
  },
  {
    name: "`netServer.listen`",
    opens: true,
    make: async (signal) => {
      const server = net.createServer().listen({ port: 0, host: "127.0.0.1", signal });
      await once(server, "listening");
      return server;
    },
  },
  {
    name: "`httpServer.listen`",
    opens: true,
    make: async (signal) => {
      const server = http.createServer().listen({ port: 0, host: "127.0.0.1", signal });
      await once(server, "listening");
      return server;
    },
  },
  {
    name: "`dgram.createSocket`",
    refuses: true,
    make: (signal) => createSocket({ type: "udp4", signal }).bind(0, "127.0.0.1"),
  },
  {
    name: "`readline.createInterface`",
    make: (signal, scene) => createInterface({ input: scene.stalled({ objectMode: false }), signal }),
  },
  { name: "a `fetch` whose body is not read yet", opens: true, make: part },
  {
    name: "a reader of the body of a `fetch`",
    opens: true,
    make: async (signal, scene) => {
      const reader = (await part(signal, scene)).body!.getReader();
      await reader.read();
      return reader;
    },
  },
  {
    name: "a kept `new Request(url, { signal })`",
    make: (signal, { stage }) => new Request(stage.url("/"), { signal }),
  },
  {
    name: "a kept clone of a `Request`",
    make: (signal, { stage }) => {
      const request = new Request(stage.url("/"), { signal });
      return [request, request.clone()];
    },
  },
  {
    name: "`readableStream.pipeThrough`",
    make: (signal) => new ReadableStream().pipeThrough(new TransformStream(), { signal }),
  },
  {
    name: "`readableStream.pipeTo`, its error ignored",
    make: (signal) => [new ReadableStream().pipeTo(new WritableStream(), { signal }).catch(ignore)],
  },
  {
    name: "`navigator.locks.request`, a lock that was granted",
    make: (signal, scene) => {
      type Locks = { request(name: string, options: object, fn: () => unknown): Promise<unknown> };
      const { locks } = navigator as unknown as { locks: Locks };
      void locks.request(scene.stage.path("lock"), { signal }, () => scene.deafStep()).catch(ignore);
    },
  },
  {
    name: "a response of `undici.request`, its body not read",
    opens: true,
    make: async (signal, { stage }) => {
      const { body } = await undici.request(stage.url("/part"), { signal });
      return body.on("error", ignore);
    },
  },
  { name: "a kept `new undici.Request`", make: (signal, { stage }) => new undici.Request(stage.url("/"), { signal }) },
  {
    name: "`Readable.map(…)`, not read",
    make: (signal) =>
      Readable.from([1])
        .map((item: unknown) => item, { signal })
        .on("error", ignore),
  },
  {
    name: "`setTimeout` of `timers/promises`, its error ignored",
    make: (signal) => [delay(100_000, 0, { signal }).catch(ignore)],
  },
];
