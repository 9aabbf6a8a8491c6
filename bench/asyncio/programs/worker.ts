// One measurement in a process of its own:
//
//   node --expose-gc worker.ts pottle|promises CASE WARM_UP COUNT
//
// prints {"cpu": microseconds, "bytes": heap growth} of COUNT pieces of work, after WARM_UP of them that do not count.

import { type Program, Stopwatch } from "./stopwatch.ts";

interface Programs {
  readonly programs: Readonly<Record<string, Program>>;
  readonly enter: (main: () => Promise<void>) => Promise<void>;
}

async function measure(peer: string, id: string, warmUp: number, count: number): Promise<Stopwatch> {
  const { programs, enter } = (await import(`./${peer}.ts`)) as Programs;
  const program = programs[id];
  if (program === undefined) throw new RangeError(`Cannot measure an unknown case: current value is ${id}`);
  await enter(() => program(warmUp, new Stopwatch()));
  const watch = new Stopwatch();
  await enter(() => program(count, watch));
  return watch;
}

const [peer = "", id = "", warmUp, count] = process.argv.slice(2);
const { cpu, bytes } = await measure(peer, id, Number(warmUp), Number(count));
console.log(JSON.stringify({ cpu, bytes }));
