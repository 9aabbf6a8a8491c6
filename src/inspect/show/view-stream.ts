import { Event, moveOnAfter } from "../../asyncio/index.ts";
import type { PageParts } from "./page/page-parts.ts";

/** What the page is at one moment. */
export interface Look {
  /** In milliseconds since 1970. */
  readonly at: number;
  readonly parts: PageParts;
}

/** How often somebody who watches is told at most, in milliseconds. */
const interval = 250;
/** After how many milliseconds without news something is sent, so that whoever left is noticed on the way as well. */
const longestSilence = 15_000;
// Of its time, the process spends this part on looking at itself at most.
const share = 1 / 10;

const leaving = new Event({ name: "end of the process" });
let streams = 0;
let watched: readonly NodeJS.Signals[] = [];

/**
 * The parts of the page as server-sent events, each as soon as it has changed. It looks only when the last event has gone
 * out: a slow reader has none waiting for it, and gets what is so by then. It ends when the process is asked to.
 */
export async function* streamView(look: () => Look): AsyncGenerator<string> {
  using _ = watchForEnd();
  const sent: Partial<Record<string, string>> = {};
  let spoke = performance.now();
  yield "retry: 1000\n\n";
  while (!leaving.isSet()) {
    const before = performance.now();
    const { at, parts } = look();
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

// What only time changes is no news: the browser counts by itself.
function lasting(part: string): string {
  return part.replaceAll(/(<time [^>]*>)[^<]*|viewBox="[^"]*"| hidden(?=>)/g, "$1");
}

// A server that closes waits for its requests, and a page that somebody has left open would make it wait in vain. Where
// nobody else listens to a signal it ends the process, and must go on doing so.
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
