// Requests of hostile clients against one application that uses everything.
//
//   npm run fuzz:web                                       a hundred thousand requests
//   node test/web-fuzz/fuzz.ts --runs 1000000              a million
//   node test/web-fuzz/fuzz.ts --runs 1000 --seed 17       by another seed: fast-check names the one of a failure

import { parseArgs } from "node:util";
import fc from "fast-check";
import { isMain } from "../../tools/_repository.ts";
import { createApplication } from "./_application.ts";
import { judge, send } from "./_judge.ts";
import { request } from "./_requests.ts";

/** How much is sent. */
export interface FuzzOptions {
  readonly runs: number;
  /** @default by the clock */
  readonly seed?: number;
}

/** Sends requests of hostile clients, and judges the answers. @throws {Error} With the request whose answer was bad. */
export async function fuzzRequests({ runs, seed }: FuzzOptions): Promise<void> {
  const targets = [createApplication(false), createApplication(true)] as const;
  const property = fc.asyncProperty(request, fc.boolean(), async (sent, onServer) => {
    judge(await send(targets[onServer ? 1 : 0].app, sent));
  });
  await fc.assert(property, { numRuns: runs, ...(seed !== undefined && { seed }), endOnFailure: false });
}

if (isMain(import.meta.url)) {
  const { values } = parseArgs({ options: { runs: { type: "string", default: "100000" }, seed: { type: "string" } } });
  await fuzzRequests({ runs: Number(values.runs), ...(values.seed !== undefined && { seed: Number(values.seed) }) });
}
