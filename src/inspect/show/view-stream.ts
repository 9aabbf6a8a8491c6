import { Event, moveOnAfter } from "../../asyncio/index.ts";
import type { PageParts } from "./page/page-parts.ts";

/** The state of the page at one moment. */
export interface PageState {
  /** The time, in milliseconds since 1970. */
  readonly at: number;
  readonly parts: PageParts;
}

/** The minimum time between two events of a stream, in milliseconds. */
const interval = 250;
/**
 * After how long without a change a comment is sent, in milliseconds, so that proxies do not close the connection as
 * idle.
 */
const longestSilence = 15_000;
// The maximum share of its time that the process spends on snapshots.
const share = 1 / 10;

const leaving = new Event({ name: "end of the process" });
let streams = 0;
let watched: readonly NodeJS.Signals[] = [];

/**
 * Yields the parts of the page as server-sent events, each as soon as it has changed. A snapshot is taken only when the
 * last event has been sent, so that events do not pile up for a slow reader. The stream ends when the process is asked
 * to end.
 */
export async function* streamView(snapshot: () => PageState): AsyncGenerator<string> {
  using _ = watchForEnd();
  const sent: Partial<Record<string, string>> = {};
  let spoke = performance.now();
  yield "retry: 1000\n\n";
  while (!leaving.isSet()) {
    const before = performance.now();
    const { at, parts } = snapshot();
    const changed = Object.entries(parts).filter(([id, part]) => sent[id] !== lasting(part));
    const cost = performance.now() - before;
    if (changed.length > 0) {
      for (const [id, part] of changed) sent[id] = lasting(part);
      yield `data: ${JSON.stringify({ at, parts: Object.fromEntries(changed) })}\n\n`;
      spoke = performance.now();
    } else if (performance.now() - spoke > longestSilence) {
      yield ": still here\n\n";
      spoke = performance.now();
    }
    await moveOnAfter(Math.max(interval, cost / share), () => leaving.wait());
  }
}

// Removes what changes only with time, because the browser keeps counting by itself.
function lasting(part: string): string {
  return part.replaceAll(/(<time [^>]*>)[^<]*|viewBox="[^"]*"| hidden(?=>)/g, "$1");
}

// A closing server waits for its requests, and would wait in vain for an open page. So the stream ends at a signal. A
// signal without another listener must still end the process.
function watchForEnd(): Disposable {
  if (++streams === 1) {
    leaving.clear();
    watched = (["SIGTERM", "SIGINT"] as const).filter((signal) => process.listenerCount(signal) > 0);
    for (const signal of watched) process.on(signal, leave);
  }
  return {
    [Symbol.dispose]: () => {
      if (--streams === 0) for (const signal of watched) process.off(signal, leave);
    },
  };
}

function leave(): void {
  leaving.set();
}
