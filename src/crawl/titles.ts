import { buffer, createTask, isCancelled, merge, type Task, wait } from "../asyncio/index.ts";
import { type ClientResponse, ClientSession, type ClientTimeout } from "../client/index.ts";
import { option } from "../base/options.ts";
import { wrongType } from "../base/refusal.ts";
import { ByteTitleScanner } from "./_byte-title-scanner.ts";

/** Options of {@link titles}. */
export interface TitlesOptions {
  /**
   * The maximum number of pages that are being fetched or wait to be read by the loop.
   * @default 20
   */
  readonly concurrency?: number;
  /**
   * Whether to yield the results in the order of the URLs instead of the order in which they arrive.
   * @default false
   */
  readonly ordered?: boolean;
  /**
   * The session that fetches the pages; it is not closed.
   * @default a new session, which is closed at the end
   */
  readonly session?: ClientSession;
  /**
   * Time limits of each page, in milliseconds; a single number is the total limit.
   * @default 60_000; with `session`, the limits of the session
   */
  readonly timeout?: number | ClientTimeout;
}

/** The result for one URL. */
export interface PageTitle {
  /** The given URL. */
  readonly url: string;
  /** The status code, if there was a response. */
  readonly status?: number;
  /** The title, if the page has one. */
  readonly title?: string;
  /** The error, if the page could not be fetched. */
  readonly error?: Error;
}

/** An iterable of URLs. */
export type Urls = Iterable<string | URL> | AsyncIterable<string | URL>;

type Ask = (url: string | URL) => Promise<PageTitle>;

/**
 * Fetches pages, several at once, and yields their titles as they arrive. Each page is read only up to its title.
 *
 * An error with one page, such as an invalid URL, is the result for that page, and does not affect others. At most
 * `concurrency` pages are fetched ahead of the loop. Leaving the loop or a cancellation stops all running requests.
 *
 * @throws {RangeError} If `concurrency` is not a whole number ≥ 1.
 * @throws {TypeError} If `concurrency` is not a number.
 * @throws {TypeError} If `urls` is not an iterable.
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
  // With a concurrency of 1, the results are in order anyway.
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

// Several flows take URLs from one source: each takes the next URL when it has finished the last one.
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
  // One task is awaited here, so the buffer holds one less.
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
  // Waits for the tasks, because they belong to the task that reads this generator, and would be cancelled with it.
  if (running.size > 0) await wait(running);
}

// A generator, because it handles concurrent calls of `next()` one after the other. An error of the source is kept for
// the end, so that pages which were requested before are still yielded.
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
