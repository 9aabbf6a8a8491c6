/** An application that `serve()` serves to the programs of others, and the ways to run them. */

import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import { Event } from "../../src/asyncio/index.ts";
import type { AccessEntry, Application } from "../../src/http/index.ts";
import { type RunningServer, serve, type ServeOptions } from "../../src/server/index.ts";
import { CertificateFolder, first } from "../../src/base/certificates.fixture.ts";
import { letters, makeApplication, Stops } from "./_application.ts";

/** The longest that a program may run, in milliseconds. */
const programTimeout = 30_000;

/** Debian's own Python, which the packages python3-… are for: it may not be the first in PATH. */
export const python = "/usr/bin/python3";

/** The reason for skipping tests that need a program; `false` if it is installed. */
export function isMissing(program: string): string | false {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.some((folder) => existsSync(join(folder, program))) ? false : `${program} is not installed`;
}

/** The reason for skipping tests that need a module of Python; `false` if it is installed. */
export function isPythonMissing(module: string): string | false {
  const { status } = spawnSync(python, ["-c", `import ${module}`]);
  return status === 0 ? false : `python3-${module} is not installed`;
}

/** What a program has printed, and how it ended. */
export interface Ran {
  readonly code: number | NodeJS.Signals;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end.
 *
 * @param until Ends the program when it resolves.
 */
export async function run(program: string, args: readonly string[], until?: Promise<unknown>): Promise<Ran> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], timeout: programTimeout });
  const end = until?.then(() => child.kill());
  const ended = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? signal ?? 0));
  });
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended, end]);
  return { code, stdout, stderr };
}

/** How an application is served. */
export interface ServedOptions extends ServeOptions {
  /** Whether by TLS, with a certificate for localhost that is signed by itself. @default false */
  readonly isSecure?: boolean;
}

/** A server and the entries of its access log. */
export class Served implements AsyncDisposable {
  readonly server: RunningServer;
  /** Where the views of the application wait. */
  readonly stops: Stops;
  readonly entries: AccessEntry[];
  readonly #certificates: CertificateFolder;
  readonly #arrived: Event;

  private constructor(
    server: RunningServer,
    stops: Stops,
    entries: AccessEntry[],
    arrived: Event,
    certificates: CertificateFolder,
  ) {
    this.server = server;
    this.stops = stops;
    this.entries = entries;
    this.#arrived = arrived;
    this.#certificates = certificates;
  }

  /** Serves the application of these tests, or what `wrap` makes of it. */
  static async open(
    { isSecure = false, ...options }: ServedOptions = {},
    wrap: (app: Application) => Application = (app) => app,
  ): Promise<Served> {
    const certificates = new CertificateFolder();
    const stops = new Stops();
    const entries: AccessEntry[] = [];
    const arrived = new Event();
    const onAccess = (entry: AccessEntry): void => {
      entries.push(entry);
      arrived.set();
    };
    const tls = isSecure && { tls: certificates.write("first", first) };
    const usual = { port: 0, drainTimeout: 0, cancelGrace: 100, onAccess };
    certificates.writeText("letters.txt", letters);
    const server = await serve(wrap(makeApplication(stops, certificates.path)), { ...usual, ...tls, ...options });
    return new Served(server, stops, entries, arrived, certificates);
  }

  /** The address, by the name that the certificate has. */
  get url(): string {
    const { scheme, port } = this.server.address;
    return `${scheme}://localhost:${port}`;
  }

  /** The file with the certificate, for clients that are to trust it. */
  get certFile(): string {
    return join(this.#certificates.path, "first.crt");
  }

  /** Writes a file into a folder that is removed at the end; returns its path. */
  write(name: string, content: string): string {
    return this.#certificates.writeText(name, content);
  }

  /** Waits until the access log has `count` entries, and returns how the requests ended. */
  async outcomes(count: number): Promise<string[]> {
    while (this.entries.length < count) {
      this.#arrived.clear();
      await this.#arrived.wait();
    }
    return this.entries.map(({ outcome }) => outcome.kind);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close();
    this.#certificates[Symbol.dispose]();
  }
}
