// Node opens its inspector when it is sent SIGUSR1, and says where on its own standard error, which is not ours to read.
// Where there is a /proc, the port is found as that on which the process listens now and did not before. Elsewhere it is
// the one that Node takes by default.

import { currentSignal, moveOnAfter, sleep, waitPromise } from "../../asyncio/index.ts";
import { InspectError } from "./inspect-error.ts";
import { commandLineOf, findListener, hasProc, isTaken, listeningSockets } from "./proc.ts";

/** An inspector that listens. */
export interface OpenInspector {
  /** Where to connect to it. */
  readonly url: string;
  /** Whether it was open before. */
  readonly wasOpen: boolean;
}

const defaultPort = 9229;
/** How long the process may take, in milliseconds. */
const answerPatience = 4_000;
/** How long it is waited for the port, in milliseconds. */
const portPatience = 2_000;
/** After how long an inspector is looked for on other ports that the process listened on before, in milliseconds. */
const suspicion = 1_000;
const pollInterval = 20;
/**
 * After how long a process is asked once more, in milliseconds: a signal is lost while it closes its inspector, because
 * another has looked.
 */
const askInterval = 1_500;
const answerTime = 500;

/**
 * Has a process open its inspector, and finds it.
 *
 * @throws {InspectError} If it does not.
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

/** Asks a process for its inspector, and looks for it. */
class Search {
  readonly #pid: number;
  readonly #usual: number;
  /** On which ports it has listened since before it was asked. */
  readonly #before: Set<number>;
  /** Those of them that are no inspectors. */
  readonly #tried = new Set<number>();
  #askedAt = -Infinity;

  constructor(pid: number) {
    this.#pid = pid;
    this.#usual = portOf(pid);
    this.#before = new Set(hasProc ? portsOf(pid) : []);
  }

  /** How long it is worth waiting, in milliseconds from the start. */
  get patience(): number {
    return this.#askedAt > 0 ? answerPatience : portPatience;
  }

  /** @param suspicious Whether to look on all ports. */
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

  // Another who looks has closed the inspector that was open when we came: it may be asked for again.
  #forgetClosed(ports: readonly number[]): void {
    for (const port of this.#before) {
      if (ports.includes(port)) continue;
      this.#before.delete(port);
      this.#tried.delete(port);
    }
  }

  // Not while somebody has the port, the process itself or perhaps another that is looked into just now: all that it could
  // do is complain, or nothing.
  #ask(ports: readonly number[]): void {
    if (hasProc && (ports.includes(this.#usual) || isTaken(this.#usual))) return;
    process.kill(this.#pid, "SIGUSR1");
    this.#askedAt = performance.now();
  }
}

// Elsewhere than on Linux it is not known who listens on the port: the process is asked for its number later.
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
      // Something else listens there, or nothing yet.
      if (error instanceof TypeError || error instanceof SyntaxError) return undefined;
      throw error;
    }
  });
}
