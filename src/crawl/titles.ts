import { buffer, createTask, isCancelled, merge, type Task, wait } from "../asyncio/index.ts";
import { type ClientResponse, ClientSession, type ClientTimeout } from "../client/index.ts";
import { option } from "../base/options.ts";
import { wrongType } from "../base/refusal.ts";
import { ByteTitleScanner } from "./_byte-title-scanner.ts";

/** How {@link titles} goes about it. */
export interface TitlesOptions {
  /**
   * How many pages are fetched, or wait to be taken, at once.
   * @default 20
   */
  readonly concurrency?: number;
  /**
   * Whether they come in the order of the URLs, not as they are ready.
   * @default false
   */
  readonly ordered?: boolean;
  /**
   * What fetches them; it is left open.
   * @default a session of its own, closed at the end
   */
  readonly session?: ClientSession;
  /**
   * Time limits of each page, in milliseconds; a number alone is the total.
   * @default 60_000, or as the session has it
   */
  readonly timeout?: number | ClientTimeout;
}

/** What became of a URL. */
export interface PageTitle {
  /** The URL, as it was given. */
  readonly url: string;
  /** The status, if there was a response. */
  readonly status?: number;
  /** The title, if the page has one. */
  readonly title?: string;
  /** What went wrong. */
  readonly error?: Error;
}

/** What can be looped over to get URLs. */
export type Urls = Iterable<string | URL> | AsyncIterable<string | URL>;

type Ask = (url: string | URL) => Promise<PageTitle>;

/**
 * Fetches pages, several at once, and gives their titles as they come. Of each page no more is read than its title
 * needs.
 *
 * What goes wrong with one page is that page's result, also a URL that is none, and harms no other. Who reads slowly is
 * not overrun: no more than `concurrency` pages are fetched ahead. Leaving the loop, or being cancelled, stops all that
 * is under way.
 *
 * @throws {RangeError} If `concurrency` is not a whole number ≥ 1.
 * @throws {TypeError} If `concurrency` is not a number.
 * @throws {TypeError} If `urls` cannot be looped over.
 * @example
 * import { createServer } from "node:http";
 * const server = createServer((request, response) => response.end(`<title>Page ${request.url}</title>`));
 * await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
 * const { port } = server.address() as { port: number };
 *
 * const urls = ["one", "two", "three"].map((name) => `http://127.0.0.1:${port}/${name}`);
 * for await (const page of titles(urls, { ordered: true })) console.log(page.status, page.title); // 200 Page /one, …
 * server.close();
 */
export function titles(urls: Urls, options: TitlesOptions = {}): AsyncGenerator<PageTitle, void, void> {
  const { concurrency = 20, ordered = false, session, timeout } = options;
  requireConcurrency(concurrency);
  requireUrls(urls);
  // One after the other is in order anyway.
  const fetchAll = ordered && concurrency > 1 ? inOrder : asTheyCome;
  if (session !== undefined) return fetchAll(urls, concurrency, (url) => titleOf(session, url, timeout));
  return withOwnSession(concurrency, timeout ?? 60_000, (own) =>
    fetchAll(urls, concurrency, (url) => titleOf(own, url, undefined)),
  );
}

async function* withOwnSession(
  limit: number,
  timeout: number | ClientTimeout,
  fetchAll: (session: ClientSession) => AsyncGenerator<PageTitle, void, void>,
): AsyncGenerator<PageTitle, void, void> {
  await using session = new ClientSession({ limit, timeout });
  yield* fetchAll(session);
}

// Several flows take URLs from one source, each the next when it is done with the last.
async function* asTheyCome(urls: Urls, concurrency: number, ask: Ask): AsyncGenerator<PageTitle, void, void> {
  const failures: unknown[] = [];
  const source = each(urls, failures);
  try {
    yield* merge(...Array.from({ length: concurrency }, () => flow(source, ask)));
  } finally {
    await source.return();
  }
  if (failures.length > 0) throw failures[0];
}

async function* flow(source: AsyncGenerator<string | URL>, ask: Ask): AsyncGenerator<PageTitle, void, void> {
  for (let next = await source.next(); next.done !== true; next = await source.next()) yield await ask(next.value);
}

async function* inOrder(urls: Urls, concurrency: number, ask: Ask): AsyncGenerator<PageTitle, void, void> {
  const failures: unknown[] = [];
  // One is awaited here, the others are ahead.
  for await (const { task } of buffer(started(each(urls, failures), ask), concurrency - 1)) yield await task;
  if (failures.length > 0) throw failures[0];
}

async function* started(urls: Urls, ask: Ask): AsyncGenerator<{ task: Task<PageTitle> }, void, void> {
  const running = new Set<Task<PageTitle>>();
  for await (const url of urls) {
    const task = createTask(() => ask(url), { name: `title of ${String(url)}` });
    running.add(task);
    task.addDoneCallback(() => running.delete(task));
    yield { task };
  }
  // They belong to whoever reads this, and would end with it.
  if (running.size > 0) await wait(running);
}

// A generator serves those who ask at once one after the other. If the source fails, that is for the end: what has been
// asked by then is still given.
async function* each(urls: Urls, failures: unknown[]): AsyncGenerator<string | URL, void, void> {
  try {
    yield* urls;
  } catch (error) {
    if (isCancelled(error)) throw error;
    failures.push(error);
  }
}

async function titleOf(
  session: ClientSession,
  url: string | URL,
  timeout: number | ClientTimeout | undefined,
): Promise<PageTitle> {
  const page: { url: string; status?: number; title?: string; error?: Error } = { url: String(url) };
  try {
    await using response = await session.get(url, timeout === undefined ? {} : { timeout });
    page.status = response.status;
    const title = await readTitle(response);
    if (title !== undefined) page.title = title;
  } catch (error) {
    if (isCancelled(error)) throw error;
    page.error = error instanceof Error ? error : new Error(String(error), { cause: error });
  }
  return page;
}

async function readTitle(response: ClientResponse): Promise<string | undefined> {
  const type = response.headers.get("content-type") ?? "text/html";
  if (!/^\s*(?:text\/|application\/(?:[\w.-]+\+)?xml)/i.test(type)) return undefined;
  const scanner = new ByteTitleScanner(/;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(type)?.[1]);
  for await (const piece of response.body) if (scanner.write(piece)) break;
  return scanner.title();
}

function requireConcurrency(concurrency: unknown): void {
  option("fetch titles", "concurrency", concurrency).count({ from: 1 });
}

function requireUrls(urls: unknown): void {
  const isList = typeof urls === "object" && urls !== null && (Symbol.iterator in urls || Symbol.asyncIterator in urls);
  if (isList) return;
  throw wrongType("fetch titles", "a list of URLs is needed", urls);
}
