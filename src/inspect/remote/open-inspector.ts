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
const patience = 4_000;
/** How long it is waited for the port, in milliseconds. */
const portPatience = 2_000;
/** After how long an inspector is looked for on other ports that the process listened on before, in milliseconds. */
const suspicion = 1_000;
const pollInterval = 20;
const answerTime = 500;

/**
 * Has a process open its inspector, and finds it.
 *
 * @throws {InspectError} If it does not.
 */
export async function openInspector(pid: number): Promise<OpenInspector> {
  const before = portsOf(pid);
  const usual = portOf(pid);
  const start = performance.now();
  const tried = new Set<number>();
  for (let asked = ask(pid); performance.now() - start < (asked ? patience : portPatience); asked ||= ask(pid)) {
    const suspicious = performance.now() - start >= suspicion;
    for (const port of portsOf(pid)) {
      const known = hasProc && before.includes(port);
      if (tried.has(port) || (known && !suspicious && port !== usual)) continue;
      const url = await findUrl(port);
      if (url !== undefined) return { url, wasOpen: known };
      if (known) tried.add(port);
    }
    await sleep(pollInterval);
  }
  throw new InspectError(pid, ...describeFailure(pid));
}

// Not while somebody else has the port, perhaps another who looks just now: all that it could do is complain.
function ask(pid: number): boolean {
  const port = portOf(pid);
  if (hasProc && isTaken(port) && !portsOf(pid).includes(port)) return false;
  process.kill(pid, "SIGUSR1");
  return true;
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
  return ["silent", `it did not open its inspector within ${patience} ms: ${may}`];
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
