// Resources that were opened during `run()`, but outside our scopes, may keep the process alive after `run()` has
// ended: a socket of another library, an interval. One second after the end, they are reported once, on standard error.
//
//   before run() ── 2 sockets          not reported: they were not opened in run()
//   run() ended  ── 3 sockets, 1 timer
//   1 s later    ── 3 sockets          so one socket is reported
//
// The timer for this does not keep the process alive. If the process ends earlier, there is nothing to report.

import { ambient, outside, runtime } from "../core/index.ts";

/** How many resources of each kind keep the process alive. */
type Counts = ReadonlyMap<string, number>;

interface Check {
  readonly before: Counts;
  readonly timer: NodeJS.Timeout;
}

const delay = 1_000;

interface WatchState {
  check: Check | undefined;
  hasNamed: boolean;
}

const state: WatchState = ambient("run.processWatch", (): WatchState => ({ check: undefined, hasNamed: false }));

/**
 * @internal Called when a program begins. Returns the resources that keep the process alive now. If an earlier program
 * has just ended, it returns the resources from before that program.
 */
export function watchProcess(): Counts {
  const before = state.check?.before;
  clearTimeout(state.check?.timer);
  state.check = undefined;
  return before ?? countResources();
}

/**
 * @internal Called when a program has ended. Reports the resources that were added to `before` and are still open after
 * a second.
 */
export function nameWhatStays(before: Counts): void {
  if (state.hasNamed || runtime.running !== undefined || isTest()) return;
  const added = difference(countResources(), before);
  if (added.size === 0) return;
  // Resources that the code after run() opens at once do not belong to the program. They cannot be told apart
  // individually, because only the number of each kind is known.
  let after = before;
  outside(setImmediate, () => (after = sum(before, difference(countResources(), sum(before, added))))).unref();
  const timer = outside(setTimeout, () => report(after, added), delay);
  timer.unref();
  state.check = { before, timer };
}

function report(others: Counts, added: Counts): void {
  state.check = undefined;
  const now = difference(countResources(), others);
  const left = [...added].map(([kind, count]) => [kind, Math.min(count, now.get(kind) ?? 0)] as const);
  const names = left.filter(([, count]) => count > 0).map(([kind, count]) => describe(kind, count));
  if (names.length === 0) return;
  state.hasNamed = true;
  console.error(
    `run() has ended, but the process stays alive for what was opened and not closed: ${names.join(", ")}. Close it, or end the process with process.exit()`,
  );
}

// A test runner starts and ends programs in a process that it keeps open itself.
function isTest(): boolean {
  return process.env["NODE_TEST_CONTEXT"] !== undefined;
}

function countResources(): Counts {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

function sum(counts: Counts, more: Counts): Counts {
  const total = new Map(counts);
  for (const [kind, count] of more) total.set(kind, (total.get(kind) ?? 0) + count);
  return total;
}

// Standard output and standard error are listed after the first write, but do not keep the process alive.
function difference(counts: Counts, before: Counts): Counts {
  const added = new Map<string, number>();
  for (const [kind, count] of counts) {
    const more = count - (before.get(kind) ?? 0) - (kind === "PipeWrap" || kind === "TTYWrap" ? 2 : 0);
    if (more > 0) added.set(kind, more);
  }
  return added;
}

const words: Readonly<Record<string, readonly [one: string, many: string]>> = {
  Timeout: ["timer", "timers"],
  Immediate: ["immediate", "immediates"],
  TCPSocketWrap: ["TCP connection", "TCP connections"],
  TCPServerWrap: ["TCP server", "TCP servers"],
  PipeWrap: ["pipe", "pipes"],
  PipeServerWrap: ["server on a unix socket", "servers on unix sockets"],
  UDPWrap: ["UDP socket", "UDP sockets"],
  ProcessWrap: ["child process", "child processes"],
  MessagePort: ["worker thread or message port", "worker threads or message ports"],
  FSEventWrap: ["file watcher", "file watchers"],
  StatWatcher: ["file watcher", "file watchers"],
  TTYWrap: ["terminal", "terminals"],
};

function describe(kind: string, count: number): string {
  const [one, many] = words[kind] ?? [kind, kind];
  return `${count} ${count === 1 ? one : many}`;
}
