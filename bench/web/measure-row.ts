import { Candidate, measureRounds, printTable } from "../server/candidate.ts";
import { Audience } from "./audience.ts";
import { checkAnswer, fewRequests, type LoadFor, wrkLoad } from "./load.ts";
import type { Options } from "./options.ts";
import type { Peer } from "./peers.ts";
import type { Row } from "./rows.ts";
import { judge, type Verdict } from "./verdicts.ts";

/** Beside whom ratios are shown. */
const against = [
  { id: "bare", title: "the bare server" },
  { id: "fastify", title: "Fastify" },
  { id: "hono", title: "Hono" },
  { id: "ws", title: "ws by hand" },
];

/**
 * Starts the servers that have the row, checks their answers, measures them in rounds and prints the table.
 *
 * @param folder Takes scripts.
 * @throws {Error} If a server answers wrongly or not at all.
 */
export async function measureRow(
  row: Row,
  peers: readonly Peer[],
  options: Options,
  folder: string,
): Promise<readonly Verdict[]> {
  const measured = peers.filter(({ without = [] }) => !without.includes(row.id));
  if (!measured.some(({ id }) => id === "pottle")) {
    console.log(`\nLeft out: ${row.title}, as Pottle is not measured in it.`);
    return [];
  }
  await using stack = new AsyncDisposableStack();
  const loads = new Map<Candidate, LoadFor>();
  for (const peer of measured) {
    const candidate = stack.use(await Candidate.start(peer));
    loads.set(candidate, row.isBroadcast === true ? await openAudience(candidate) : await requestsOf(candidate));
  }
  // Machine code is made before anything counts.
  if (!options.quick) for (const load of loads.values()) await load(1);
  const seconds = options.quick ? 0 : options.seconds;
  const samples = await measureRounds([...loads.keys()], options.rounds, (one) => loads.get(one)!(seconds));
  printTable(row.title, measured, samples, against, row.isBroadcast === true ? "message" : "request");
  return options.quick ? [] : judge(row, samples, (id) => peers.find((peer) => peer.id === id)!.title);

  async function openAudience({ port }: Candidate): Promise<LoadFor> {
    const audience = stack.use(await Audience.open(port, options.quick ? 10 : 1_000));
    return (duration) => audience.load(duration);
  }

  async function requestsOf(candidate: Candidate): Promise<LoadFor> {
    const requests = await checkAnswer(candidate, row);
    return options.quick ? fewRequests(candidate, requests) : wrkLoad(candidate, row, requests, folder);
  }
}
