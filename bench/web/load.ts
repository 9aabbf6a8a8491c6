// How servers are kept busy.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Candidate } from "../server/candidate.ts";
import { type Load, readLoad } from "../shared/load.ts";
import { runProgram } from "../shared/program.ts";
import type { Request, Row } from "./rows.ts";
import { wrkScript } from "./wrk-script.ts";

const connections = 64;

/** Keeps a server busy for some seconds. */
export type LoadFor = (seconds: number) => Promise<Load>;

/**
 * Checks how a server answers the requests of a row.
 *
 * @returns The requests to measure: in a row with a session they carry the cookie that the server has given.
 * @throws {Error} If it answers wrongly.
 */
export async function checkAnswer({ peer, port }: Candidate, row: Row): Promise<readonly Request[]> {
  const cookie = row.hasSession === true ? await firstCookie(port, row.requests[0]!) : undefined;
  const requests =
    cookie === undefined ? row.requests : row.requests.map((request) => ({ ...request, headers: { cookie } }));
  const first = requests[0]!;
  const response = await send(port, first);
  const text = await response.text();
  if (response.status === 200 && row.answer.test(text)) return requests;
  const answered = `${response.status}, ${text.slice(0, 200)}`;
  throw new Error(`Cannot measure as ${peer.title} answers ${first.path} wrongly: ${answered}`);
}

/** A load by `wrk`. `folder` takes its script. */
export function wrkLoad({ peer, port }: Candidate, row: Row, requests: readonly Request[], folder: string): LoadFor {
  const script = join(folder, `${row.id}-${peer.id}.lua`);
  writeFileSync(script, wrkScript(requests));
  const url = `http://127.0.0.1:${port}`;
  return async (seconds) => {
    const wrk = ["wrk", "-t1", `-c${connections}`, `-d${seconds}s`, "--timeout", "30s", "-s", script, url];
    return readLoad((await runProgram("client", wrk)).stdout);
  };
}

/** Ten requests, which need no other program than this one. */
export function fewRequests({ port }: Candidate, requests: readonly Request[]): LoadFor {
  return async () => {
    const begun = performance.now();
    for (let i = 0; i < 10; i++) await (await send(port, requests[i % requests.length]!)).arrayBuffer();
    return { requests: 10, perSecond: 10_000 / (performance.now() - begun) };
  };
}

function send(port: number, { path, ...init }: Request): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}${path}`, init);
}

async function firstCookie(port: number, request: Request): Promise<string> {
  const response = await send(port, request);
  await response.arrayBuffer();
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";", 1)[0]!)
    .join("; ");
}
