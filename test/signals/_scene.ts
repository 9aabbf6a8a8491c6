// The stage of one run of a way: files, servers, and what has to be closed afterwards.

import type { ChildProcess } from "node:child_process";
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttp2 } from "node:http2";
import { createServer as createHttps } from "node:https";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, type ReadableOptions } from "node:stream";
import { createServer as createTls } from "node:tls";
import { once } from "node:events";
import { first } from "../../src/base/certificates.fixture.ts";

const { cert, key } = first;

/** Bytes that no disk writes within a millisecond. */
export const manyBytes: Buffer = Buffer.alloc(32 << 20);

/** A folder with a large and a small file, and servers on loopback that answer as badly as a way needs. */
export class Stage {
  readonly folder: string = mkdtempSync(join(tmpdir(), "pottle-signals-"));
  readonly large: string = join(this.folder, "large");
  readonly small: string = join(this.folder, "small");
  readonly #connections: Set<{ destroy(): void }> = new Set();
  readonly #servers: Server[] = [];
  readonly #kinds = ["connection", "secureConnection", "session", "connection", "secureConnection"];
  #names = 0;

  constructor() {
    writeFileSync(this.large, "");
    truncateSync(this.large, 64 << 20);
    writeFileSync(this.small, "line\n".repeat(10));
  }

  async open(): Promise<void> {
    const tls = { key, cert };
    const silent = (socket: Socket): void => void socket.on("error", () => undefined);
    this.#servers.push(createHttp(answer), createHttps(tls, answer), createHttp2(answer as never));
    this.#servers.push(createServer(silent), createTls(tls, silent));
    for (const server of this.#servers) {
      // Each at its own level: Node does not bear that the socket below a session or a TLS connection is destroyed.
      const kind = this.#kinds[this.#servers.indexOf(server)]!;
      server.on(kind, (it: Socket) => void this.#connections.add(it.on("error", () => undefined)));
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
    }
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) connection.destroy();
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
    rmSync(this.folder, { recursive: true, force: true });
  }

  port(kind: "http" | "https" | "http2" | "net" | "tls"): number {
    const server = this.#servers[["http", "https", "http2", "net", "tls"].indexOf(kind)]!;
    return (server.address() as AddressInfo).port;
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.port("http")}${path}`;
  }

  /** A path in the folder that nothing else uses. */
  path(name: string): string {
    return join(this.folder, `${name}-${this.#names++}`);
  }
}

// /hang does not answer, /part does not end its answer, /upload does not read.
function answer(request: IncomingMessage, response: ServerResponse): void {
  if (request.url === "/hang") return;
  if (request.url === "/part") return void response.write("x".repeat(100));
  if (request.url === "/upload") return void request.pause();
  request.resume();
  response.end("ok");
}

/** What one run of a way uses. */
export class Scene {
  readonly stage: Stage;
  /** The file that it reads. */
  input!: FileHandle;
  /** The file that it writes. */
  output!: FileHandle;
  /** The stream that it reads, which gives nothing by itself. */
  source!: Readable;
  /** Ends what its code awaits in the body of a loop. */
  step: () => void = () => undefined;
  isFree = false;
  readonly #ready: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #children: ChildProcess[] = [];
  readonly #closers: (() => unknown)[] = [];

  constructor(stage: Stage) {
    this.stage = stage;
  }

  /** A stream that gives nothing until it is given something by hand. */
  stalled(options: ReadableOptions = {}): Readable {
    return (this.source = new Readable({ objectMode: true, read: () => undefined, ...options }));
  }

  /** Awaited in the body of a loop: ends by `step()`. */
  deafStep(): Promise<void> {
    if (this.isFree) return Promise.resolve();
    return new Promise((resolve) => {
      this.step = resolve;
    });
  }

  free(): void {
    this.isFree = true;
    this.step();
  }

  /** Says that what the way awaits first is there. */
  ready<T>(value: T): T {
    this.#ready.resolve();
    return value;
  }

  get whenReady(): Promise<void> {
    return this.#ready.promise;
  }

  child<T extends ChildProcess>(child: T): T {
    this.#children.push(child);
    return child;
  }

  /** Keeps `value` from being collected: Node holds the signal of a `Request` no longer than that. */
  keeps<T>(value: T): T {
    return this.closes(value, () => undefined);
  }

  closes<T>(resource: T, close: (resource: T) => unknown): T {
    this.#closers.push(() => close(resource));
    return resource;
  }

  async end(): Promise<void> {
    this.free();
    const children = this.#children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    for (const child of children) child.kill("SIGKILL");
    for (const closer of this.#closers.toReversed()) await closer();
    await Promise.all(
      children.filter(({ pid }) => pid !== undefined).map((child) => once(child, "exit").catch(String)),
    );
    this.source?.destroy();
  }
}
