// Plants known mistakes in the library, one at a time, and demands that a test notices each. A test that no mistake
// makes fail proves nothing: those that answer one of CPython's tests are listed if they never failed.
//
//   npm run mutate                          all mistakes of test/mutations/
//   npm run mutate -- --only queue          those whose file or description contains it
//   npm run mutate -- --from 300 --to 400   those from the 300th to the 400th, of a run that was broken off
//
// Nothing is changed in the working tree: each mistake is planted in a copy of it, in a temporary folder.

import { parseArgs } from "node:util";
import { type Mutation, mutations as allMutations } from "../test/mutations/index.ts";
import { answeredNames, conformanceNames, namesAnswered, shortName } from "./_conformance.ts";
import { isMain } from "./_repository.ts";
import { type Verdict, Workshop } from "./_workshop.ts";

/** How many copies of the repository are at work. */
const PARALLEL = 2;

/** Judges mistakes, `PARALLEL` at a time, and tells `onVerdict` of each. */
export async function judgeAll(
  mutations: readonly Mutation[],
  onVerdict: (verdict: Verdict) => void,
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  const queue = mutations.values();
  const knownToFail = await findKnownToFail(mutations);
  const work = async (): Promise<void> => {
    using workshop = new Workshop();
    for (const mutation of queue) {
      const verdict = await workshop.judge(mutation, knownToFail);
      verdicts.push(verdict);
      onVerdict(verdict);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return verdicts;
}

// What fails without any mistake notices none.
async function findKnownToFail(mutations: readonly Mutation[]): Promise<Set<string>> {
  using workshop = new Workshop();
  if (mutations.some(({ isBuilt }) => isBuilt)) await workshop.build();
  const { failed } = await workshop.test([...new Set(mutations.flatMap(({ tests }) => tests))]);
  for (const name of failed) console.log(`fails without any mistake: ${name}`);
  return new Set(failed);
}

/** The names of CPython's tests that some test of ours answers, and that no mistake made fail. */
export function neverFailed(verdicts: readonly Verdict[], answered: Iterable<string>): string[] {
  const failed = new Set(verdicts.flatMap((verdict) => verdict.failed.flatMap(namesAnswered)));
  return [...answered].filter((name) => !failed.has(name)).sort();
}

function show({ mutation, result, failed }: Verdict): void {
  const mark = result === "noticed" ? "✔" : "✖";
  const answers = [...new Set(failed.flatMap(namesAnswered))];
  const details = result === "noticed" ? `${failed.length} tests; ${answers.join(" ")}` : result;
  console.log(`${mark} ${mutation.file}: ${mutation.mistake} (${details})`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { only: { type: "string", default: "" }, from: { type: "string", default: "1" }, to: { type: "string" } },
  });
  const rest = allMutations.slice(Number(values.from) - 1, values.to === undefined ? undefined : Number(values.to));
  const chosen = rest.filter(({ file, mistake }) => `${file}: ${mistake}`.includes(values.only));
  const verdicts = await judgeAll(chosen, show);
  const bad = verdicts.filter(({ result }) => result !== "noticed");
  console.log(`\n${chosen.length} mistakes, ${verdicts.length - bad.length} noticed`);
  for (const verdict of bad) show(verdict);
  if (bad.length > 0) process.exitCode = 1;
  if (rest.length === verdicts.length && rest.length === allMutations.length) reportAnswers(verdicts);
}

function reportAnswers(verdicts: readonly Verdict[]): void {
  const known = new Set(conformanceNames().map(shortName));
  const answered = [...answeredNames().keys()].filter((name) => known.has(name));
  const never = neverFailed(verdicts, answered);
  console.log(
    `${answered.length} tests of CPython's are answered, ${answered.length - never.length} of the answers failed`,
  );
  for (const name of never) console.log(`never failed: ${name}`);
  if (never.length > 0) process.exitCode = 1;
}

if (isMain(import.meta.url)) await main();
