import { runProgram } from "./program.ts";

/** What a server has done under load. */
export interface Load {
  readonly requests: number;
  readonly perSecond: number;
}

/**
 * Keeps a server busy with `wrk` from the other core.
 *
 * @throws {Error} If an answer was an error, or did not come.
 */
export async function load(url: string, connections: number, seconds: number): Promise<Load> {
  const { stdout } = await runProgram("client", [
    "wrk",
    "-t1",
    `-c${connections}`,
    `-d${seconds}s`,
    "--timeout",
    "30s",
    url,
  ]);
  return readLoad(stdout);
}

/**
 * Reads what `wrk` has printed.
 *
 * @throws {Error} If an answer was an error, or did not come, or nothing was asked.
 */
export function readLoad(output: string): Load {
  const problem = /^ *(?:Non-2xx or 3xx responses|Socket errors).*$/m.exec(output);
  if (problem !== null) throw new Error(`Cannot measure as not every answer was one: ${problem[0].trim()}`);
  const [, requests] = /^ *(\d+) requests in /m.exec(output) ?? [];
  const [, perSecond] = /^Requests\/sec: +([\d.]+)$/m.exec(output) ?? [];
  if (!(Number(requests) > 0)) throw new Error(`Cannot measure as there was no answer at all: ${output}`);
  return { requests: Number(requests), perSecond: Number(perSecond) };
}
