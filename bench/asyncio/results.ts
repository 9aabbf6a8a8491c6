import type { Case } from "./cases.ts";
import { findPin, measure } from "./measure.ts";
import type { Options } from "./options.ts";
import { checkoutPeers, findPeers, type Peer } from "./peers.ts";
import { ratiosTo, type Spread, spreadOf } from "./summary.ts";

/** What one peer needs for one case. */
export interface Figure {
  readonly peer: Peer;
  /** CPU time or heap of one piece of work. */
  readonly own: Spread;
  /** How many times as much as Pottle's, round by round. */
  readonly ratio: Spread;
}

/** What was measured of one case. */
export interface Result {
  readonly case: Case;
  /** One for each peer, Pottle's first. */
  readonly figures: readonly Figure[];
}

/** All that was measured, and on what. */
export interface Results {
  readonly peers: readonly Peer[];
  readonly rounds: number;
  readonly isPinned: boolean;
  readonly results: readonly Result[];
}

type Samples = Map<Case, Map<Peer, number[]>>;

/**
 * Measures everything. In each round each case is solved by all peers one after the other, each time another one
 * first, so that whatever else the machine does is shared by all.
 *
 * @param tell - Told what is going on.
 */
export async function measureAll(
  { cases, rounds, against }: Options,
  tell: (message: string) => void,
): Promise<Results> {
  const peers = against === undefined ? await findPeers() : checkoutPeers(against);
  const pin = await findPin();
  const samples: Samples = new Map(cases.map((one) => [one, new Map(peers.map((peer) => [peer, []]))]));
  for (let round = 0; round < rounds; round++) {
    for (const one of cases) {
      tell(`round ${round + 1} of ${rounds}: ${one.title}`);
      for (const peer of rotate(peers, round))
        samples
          .get(one)!
          .get(peer)!
          .push(await measure(peer, one, pin));
    }
  }
  return { peers, rounds, isPinned: pin.length > 0, results: cases.map((one) => summarise(one, samples.get(one)!)) };
}

function rotate<T>(items: readonly T[], by: number): T[] {
  const start = by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}

function summarise(one: Case, samples: Map<Peer, number[]>): Result {
  const [ours = []] = samples.values();
  const figures = [...samples].map(([peer, values]) => ({
    peer,
    own: spreadOf(values),
    ratio: spreadOf(ratiosTo(ours, values)),
  }));
  return { case: one, figures };
}
