// A redis-server for tests: in a temporary folder, without persistence, ended with the test.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import type { RedisClient } from "./client.ts";
import { connect as connectClient } from "./connect.ts";

/** The reason for skipping tests that need a server; `false` if they are not skipped. */
export const skip: string | false =
  spawnSync("redis-server", ["--version"]).status === 0 ? false : "skipped: no redis-server";

/** A server for a test. */
export class RedisServer implements AsyncDisposable {
  /** The URL of the server. */
  readonly url: string;
  readonly #args: readonly string[];
  readonly #folder: string;
  #child: ChildProcess | undefined;
  #exited: Promise<unknown> = Promise.resolve();

  private constructor(url: string, folder: string, args: readonly string[]) {
    this.url = url;
    this.#folder = folder;
    this.#args = args;
  }

  /** Starts a server on a Unix socket, or on a free port of the loopback interface. */
  static async start(where: "socket" | "port" = "socket", ...more: readonly string[]): Promise<RedisServer> {
    const folder = mkdtempSync(join(tmpdir(), "pottle-redis-"));
    const path = join(folder, "redis.sock");
    const port = where === "port" ? await freePort() : 0;
    const place = where === "port" ? ["--bind", "127.0.0.1"] : ["--unixsocket", path];
    const args = ["--port", String(port), ...place, "--save", "", "--appendonly", "no", "--dir", folder, ...more];
    const server = new RedisServer(where === "port" ? `redis://127.0.0.1:${port}` : path, folder, args);
    await server.restart();
    return server;
  }

  /** Restarts the server without data. */
  async restart(): Promise<void> {
    const child = spawn("redis-server", this.#args, { stdio: ["ignore", "pipe", "inherit"] });
    this.#child = child;
    this.#exited = new Promise((resolve) => child.once("exit", resolve));
    await new Promise<void>((resolve, reject) => {
      let text = "";
      child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
        if (/ready to accept connections/i.test(text)) resolve();
      });
      child.once("exit", () => reject(new Error(`redis-server has ended:\n${text}`)));
    });
  }

  /** Sends a signal to the server. */
  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Kills the server, and waits until it is gone. */
  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.#exited;
  }

  /** Ends the server, and removes its folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.signal("SIGCONT");
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Waits until `count` clients are blocked on the server. */
  async untilBlocked(count: number): Promise<void> {
    await using watcher = await connectClient(this.url);
    for (;;) {
      const info = (await watcher.execute("INFO", "clients")) as string;
      if (Number(/blocked_clients:(\d+)/.exec(info)?.[1]) === count) return;
    }
  }
}

/** Starts a server and a client for the tests of the calling suite; both end after the last test. */
export function useRedis(onStarted: (started: { server: RedisServer; client: RedisClient }) => void): void {
  let server: RedisServer | undefined;
  let client: RedisClient | undefined;
  before(async () => {
    server = await RedisServer.start();
    client = await connectClient(server.url);
    onStarted({ server, client });
  });
  after(async () => {
    await client?.close();
    await server?.[Symbol.asyncDispose]();
  });
}

/** A port on which no process listens. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  const address = server.address();
  const closed = Promise.withResolvers<unknown>();
  server.close(closed.resolve);
  await closed.promise;
  return typeof address === "object" && address !== null ? address.port : 0;
}
