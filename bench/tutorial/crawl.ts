import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CrawlCase, Peer } from "./cases.ts";
import { python } from "./cases.ts";
import { startNginx } from "./nginx.ts";
import { runProgram } from "../shared/program.ts";
import type { Measurement } from "./results.ts";
import { startEpisodes } from "./episodes.ts";

/** Where Debian's python3-doc has its pages. */
export const pythonDocs = "/usr/share/doc/python3.11/html";

const wrapper = join(import.meta.dirname, "programs", "rusage.py");

/** A site whose pages are crawled, and the file with their addresses. */
export class Site implements AsyncDisposable {
  readonly #stack: AsyncDisposableStack;
  readonly #file: string;
  readonly #count: number;
  // What the first crawler found: everybody must find the same.
  #found: string | undefined;

  private constructor(stack: AsyncDisposableStack, file: string, count: number) {
    this.#stack = stack;
    this.#file = file;
    this.#count = count;
  }

  /** Serves the site of a case, and writes the addresses of its pages into `folder`. */
  static async start({ id, site }: CrawlCase, folder: string): Promise<Site> {
    await using stack = new AsyncDisposableStack();
    const urls = site === "episodes" ? await serveEpisodes(stack) : await servePythonDocs(stack);
    const file = join(folder, `${id}.txt`);
    await writeFile(file, `${urls.join("\n")}\n`);
    return new Site(stack.move(), file, urls.length);
  }

  /**
   * Measures once: milliseconds of CPU time of the whole process, and pages per second.
   *
   * @throws {Error} If it fails, or finds other titles than the first one who was measured.
   */
  async measure(peer: Peer): Promise<Measurement> {
    const command = peer.command.map((part) => (part === "FILE" ? this.#file : part));
    const { stdout, stderr } = await runProgram("client", [python, wrapper, ...command]);
    this.#found ??= stdout;
    if (this.#found !== stdout) throw new Error(`Cannot compare as ${peer.title} finds other titles: ${stdout}`);
    const { cpu, wall } = JSON.parse(stderr.trim().split("\n").at(-1)!) as {
      readonly cpu: number;
      readonly wall: number;
    };
    return { cpu: cpu * 1_000, rate: this.#count / wall };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

async function servePythonDocs(stack: AsyncDisposableStack): Promise<string[]> {
  const files = await readdir(pythonDocs, { recursive: true });
  const { url } = stack.use(await startNginx(pythonDocs));
  return files
    .filter((file) => file.endsWith(".html"))
    .toSorted()
    .map((file) => `${url}${file}`);
}

async function serveEpisodes(stack: AsyncDisposableStack): Promise<string[]> {
  const { url } = stack.use(await startEpisodes());
  return Array.from({ length: 20 }, (_, index) => `${url}/${150 + index}`);
}
