// A redis-server of one's own for tests: in a temporary folder, without persistence, ended with the test.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import type { RedisClient } from "./client.ts";
import { connect as connectClient } from "./connect.ts";

/** Why tests that need a server are skipped; `false` if they are not. */
export const skip: string | false =
  spawnSync("redis-server", ["--version"]).status === 0 ? false : "skipped: no redis-server";

/** A server that was started for a test. */
export class RedisServer implements AsyncDisposable {
  /** Its URL. */
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

  /** Starts one, on a unix socket, or on a free port of the loopback. */
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

  /** Starts it again, empty. */
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

  /** Sends it a signal. */
  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Kills it and waits until it is gone. */
  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.#exited;
  }

  /** Has it ended with everything of it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.signal("SIGCONT");
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Waits until so many clients are blocked on it. */
  async untilBlocked(count: number): Promise<void> {
    await using watcher = await connectClient(this.url);
    for (;;) {
      const info = (await watcher.execute("INFO", "clients")) as string;
      if (Number(/blocked_clients:(\d+)/.exec(info)?.[1]) === count) return;
    }
  }
}

/** Gives the tests of the suite that calls it a server and a client of it, which end after the last of them. */
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

/** A port that nobody listens on. */
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
