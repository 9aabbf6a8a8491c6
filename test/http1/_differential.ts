import { isDeepStrictEqual } from "node:util";
import { waysToCut } from "../../src/server/http1/transcript.fixture.ts";
import { compare } from "./_compare.ts";
import { generate, type Sample } from "./_generator.ts";
import type { NodeReader } from "./_node-reading.ts";
import { readByOurs } from "./_our-reading.ts";
import { explain, type Rule } from "./_rules.ts";

/** Something that no rule explains. */
export interface Failure {
  readonly what: string;
  /** Latin-1, as JSON. */
  readonly text: string;
}

/** What came of one sample. */
export interface Verdict {
  readonly failure?: Failure;
  /** The rule by which the parsers disagree; `undefined` if they agree. */
  readonly rule?: Rule;
}

/** How thoroughly a sample is checked. */
export interface CheckOptions {
  /** Whether it is also cut in two at every byte. It is always read byte by byte. @default false */
  readonly cutsEverywhere?: boolean;
}

/** Reads a sample whole, in pieces, and by Node's parser. */
export async function check(sample: Sample, nodes: NodeReader, options: CheckOptions = {}): Promise<Verdict> {
  const { text, isValid } = sample;
  const fail = (what: string): Verdict => ({ failure: { what, text: JSON.stringify(text) } });
  const ours = readByOurs([text]);
  for (const pieces of options.cutsEverywhere === true ? waysToCut(text) : [text]) {
    const other = readByOurs(pieces);
    if (isDeepStrictEqual(other, ours)) continue;
    const how = typeof pieces === "string" ? "byte by byte" : `cut up as ${JSON.stringify(pieces)}`;
    return fail(`${how}, it is ${show(other)}, and whole it is ${show(ours)}`);
  }
  if (isValid && ours.outcome !== "idle" && ours.outcome !== "over") return fail(`it is valid, and is ${show(ours)}`);
  const theirs = await nodes.read(text);
  const disagreement = compare(text, ours, theirs);
  if (disagreement === undefined) return {};
  const rule = explain(disagreement);
  if (rule !== undefined) return { rule };
  const { kind, detail } = disagreement;
  return fail(`ours is ${kind} (${detail}) by no rule: ours is ${show(ours)}, Node's ${show(theirs)}`);
}

function show(reading: unknown): string {
  return JSON.stringify(reading);
}

/** How many samples to check, and which. */
export interface DifferentialOptions {
  readonly count: number;
  /** The seed of the first sample; each further one has the next. @default 1 */
  readonly seed?: number;
  /** One in so many samples is also cut in two at every byte. */
  readonly cutEvery: number;
  /** Told of each sample that was checked: how many there were so far. */
  readonly onProgress?: (done: number) => void;
}

/** What came of all samples until the first failure. */
export interface Outcome {
  readonly failure: (Failure & { readonly seed: number }) | undefined;
  /** How often each rule was needed, by its name. */
  readonly tally: ReadonlyMap<string, number>;
  readonly agreed: number;
}

/** Checks samples until there were enough or one fails. */
export async function runDifferential(nodes: NodeReader, options: DifferentialOptions): Promise<Outcome> {
  const { count, seed: first = 1, cutEvery, onProgress } = options;
  const tally = new Map<string, number>();
  let agreed = 0;
  for (let seed = first; seed < first + count; seed++) {
    const { failure, rule } = await check(generate(seed), nodes, { cutsEverywhere: seed % cutEvery === 0 });
    if (failure !== undefined) return { failure: { ...failure, seed }, tally, agreed };
    if (rule === undefined) agreed++;
    else tally.set(rule.name, (tally.get(rule.name) ?? 0) + 1);
    onProgress?.(seed + 1 - first);
  }
  return { failure: undefined, tally, agreed };
}
