// The clients, in a thread of their own, so that a server that blocks does not stop their clock as well.
import { setTimeout as pause } from "node:timers/promises";

/** How a request went, and how its neighbours fared meanwhile. All times are milliseconds. */
export interface Figures {
  /** How long the request took. */
  readonly request: number;
  /** How long each of the neighbours waited, who came while it ran; the shortest first. */
  readonly waits: readonly number[];
}

const interval = 10;

/** Sends the request, and every 10 ms until it is answered a small one beside it. */
export default async function measure(url: string, path: string): Promise<Figures> {
  for (let round = 0; round < 20; round++) await timed(`${url}/hello`); // as it is when it has run for a while
  const over = new AbortController();
  const request = timed(`${url}${path}`).finally(() => over.abort());
  const waits: Promise<number>[] = [];
  while (!over.signal.aborted) {
    waits.push(timed(`${url}/hello`));
    await pause(interval);
  }
  return { request: await request, waits: (await Promise.all(waits)).toSorted((a, b) => a - b) };
}

async function timed(url: string): Promise<number> {
  const start = performance.now();
  const response = await fetch(url);
  await response.text();
  if (!response.ok) throw new Error(`Cannot measure ${url} as it answers ${response.status}`);
  return performance.now() - start;
}
