// Node opens its inspector when it receives SIGUSR1, and prints the address on its standard error, which this process
// cannot read. If there is a /proc, the port is the one on which the process listens now but did not before. Otherwise
// Node's default port is assumed.

import { currentSignal, moveOnAfter, sleep, waitPromise } from "../../asyncio/index.ts";
import { InspectError } from "./inspect-error.ts";
import { commandLineOf, findListener, hasProc, isTaken, listeningSockets } from "./proc.ts";

/** An open inspector. */
export interface OpenInspector {
  /** The URL for connecting to the inspector. */
  readonly url: string;
  /** Whether the inspector was already open. */
  readonly wasOpen: boolean;
}

const defaultPort = 9229;
/** How long the process may take to answer, in milliseconds. */
const answerPatience = 4_000;
/** How long to wait for the port, in milliseconds. */
const portPatience = 2_000;
/** After how long the ports on which the process already listened before are also tried, in milliseconds. */
const suspicion = 1_000;
const pollInterval = 20;
/**
 * After how long the signal is sent again, in milliseconds. A signal is lost while the process closes its inspector
 * after another inspection.
 */
const askInterval = 1_500;
const answerTime = 500;

/**
 * Makes a process open its inspector, and finds the inspector's address.
 *
 * @throws {InspectError} If the process does not open its inspector.
 */
export async function openInspector(pid: number): Promise<OpenInspector> {
  const search = new Search(pid);
  const start = performance.now();
  for (let past = 0; past < search.patience; past = performance.now() - start) {
    const found = await search.look(past >= suspicion);
    if (found !== undefined) return found;
    await sleep(pollInterval);
  }
  throw new InspectError(pid, ...describeFailure(pid));
}

/** Sends the signal to a process, and searches for its inspector. */
class Search {
  readonly #pid: number;
  readonly #usual: number;
  /** The ports on which the process listened before it received the signal. */
  readonly #before: Set<number>;
  /** Those of these ports that are not inspectors. */
  readonly #tried = new Set<number>();
  #askedAt = -Infinity;

  constructor(pid: number) {
    this.#pid = pid;
    this.#usual = portOf(pid);
    this.#before = new Set(hasProc ? portsOf(pid) : []);
  }

  /** How long to wait in total, in milliseconds from the start. */
  get patience(): number {
    return this.#askedAt > 0 ? answerPatience : portPatience;
  }

  /** @param suspicious - Whether to try all ports. */
  async look(suspicious: boolean): Promise<OpenInspector | undefined> {
    const ports = portsOf(this.#pid);
    this.#forgetClosed(ports);
    if (performance.now() - this.#askedAt > askInterval) this.#ask(ports);
    for (const port of ports) {
      const wasOpen = this.#before.has(port);
      if (this.#tried.has(port) || (wasOpen && !suspicious && port !== this.#usual)) continue;
      const url = await findUrl(port);
      if (url !== undefined) return { url, wasOpen };
      if (wasOpen) this.#tried.add(port);
    }
    return undefined;
  }

  // If another program has closed the inspector that was open at the start, it may be requested again.
  #forgetClosed(ports: readonly number[]): void {
    for (const port of this.#before) {
      if (ports.includes(port)) continue;
      this.#before.delete(port);
      this.#tried.delete(port);
    }
  }

  // Does not send the signal while the port is taken, by the process itself or by another one: then the process could
  // only print an error, or do nothing.
  #ask(ports: readonly number[]): void {
    if (hasProc && (ports.includes(this.#usual) || isTaken(this.#usual))) return;
    process.kill(this.#pid, "SIGUSR1");
    this.#askedAt = performance.now();
  }
}

// On systems other than Linux, it is unknown which process listens on the port, so the process is asked for its ID
// later.
function portsOf(pid: number): number[] {
  return hasProc ? listeningSockets(pid).map(({ port }) => port) : [portOf(pid)];
}

function portOf(pid: number): number {
  const options = hasProc ? commandLineOf(pid).join(" ") : "";
  return Number(/--(?:inspect|debug)-port[= ](?:\S+:)?(\d+)/.exec(options)?.[1] ?? defaultPort);
}

function describeFailure(pid: number): [problem: "port" | "silent", reason: string] {
  const port = portOf(pid);
  const other = hasProc ? findListener(port) : undefined;
  if (other !== undefined && other !== pid) {
    return [
      "port",
      `port ${port}, on which its inspector would listen, is in use by process ${other}: end that, or start this one with --inspect-port=0`,
    ];
  }
  const may = "it may handle SIGUSR1 itself, or be in a call that nothing can interrupt";
  return ["silent", `it did not open its inspector within ${answerPatience} ms: ${may}`];
}

async function findUrl(port: number): Promise<string | undefined> {
  return await moveOnAfter(answerTime, async () => {
    try {
      const response = await fetch(`http://127.0.0.1:${port}/json/list`, { signal: currentSignal() });
      const targets = (await waitPromise(response.json())) as readonly { webSocketDebuggerUrl?: string }[];
      return targets[0]?.webSocketDebuggerUrl;
    } catch (error) {
      // Something other than an inspector listens there, or nothing yet.
      if (error instanceof TypeError || error instanceof SyntaxError) return undefined;
      throw error;
    }
  });
}
