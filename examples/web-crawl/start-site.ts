// Starts the bundled site in a process of its own, and asks it what it has seen.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import type { Figures } from "./site.ts";

/** Where the programs read: the bundled site, or any other. */
export class Site implements AsyncDisposable {
  /** Its address, with a slash at the end. */
  readonly url: string;
  readonly #stop: (() => Promise<void>) | undefined;

  constructor(url: string, stop?: () => Promise<void>) {
    this.url = url.endsWith("/") ? url : `${url}/`;
    this.#stop = stop;
  }

  /** What it has seen; only the bundled one counts. */
  async figures(): Promise<Figures | undefined> {
    if (this.#stop === undefined) return undefined;
    return (await (await fetch(`${this.url}figures`)).json()) as Figures;
  }

  /** Stops it, if it is ours. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop?.();
  }
}

/** The site that the command line names by `--base-url`; else the bundled one, with its `--delay` and `--fail`. */
export async function siteOf(args: readonly string[] = process.argv.slice(2)): Promise<Site> {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ args: [...args], options: { "base-url": text, delay: text, fail: text } });
  if (values["base-url"] !== undefined) return new Site(values["base-url"]);
  return startSite([`--delay=${values.delay ?? 300}`, `--fail=${values.fail ?? "none"}`]);
}

async function startSite(args: readonly string[]): Promise<Site> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "site.ts"), ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const stop = async (): Promise<void> => {
    child.stdin.end();
    await ended;
  };
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /http:\/\/\S+/.exec(line)?.[0];
    if (url !== undefined) return new Site(url, stop);
  }
  await ended;
  throw new Error(`Cannot start the site: it ended with exit code ${child.exitCode}`);
}
