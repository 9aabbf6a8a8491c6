import { run } from "pottle/asyncio";
import { blocking } from "./blocking.ts";
import { oneProducer, threeProducers, twoProducers, untilShutdown } from "./concurrent.ts";
import { plot } from "./plot.ts";
import { seconds, type Stage } from "./stage.ts";

/** One of the five runs. */
export interface Run {
  readonly name: string;
  readonly title: string;
  readonly body: (stage: Stage) => void | Promise<void>;
}

/** The five runs, in the order of the lesson. */
export const runs: readonly Run[] = [
  { name: "blocking", title: "Blocking: generate 20, then process 20", body: blocking },
  { name: "one", title: "One producer of 20, one consumer of 20", body: oneProducer },
  { name: "three", title: "Three producers of 20, one consumer of 60", body: threeProducers },
  { name: "two", title: "Two producers of 20, one consumer of 40", body: twoProducers },
  { name: "shutdown", title: "Two producers of 20, one consumer until the queue is shut down", body: untilShutdown },
];

/** Performs a run as a program of its own: Ctrl+C cancels it, or ends it at once where the thread is blocked. */
export async function runProgram({ body }: Run, stage: Stage): Promise<void> {
  if (body === blocking) await perform(body, stage);
  else await run(() => perform(body, stage));
}

/** Performs a run, and prints what it comes to. */
export async function perform(body: Run["body"], stage: Stage): Promise<void> {
  stage.say("App started.");
  await body(stage);
  const total = stage.elapsed();
  stage.say(`App exiting, total time: ${seconds(total)} sec.`);
  stage.say("");
  stage.say(summary(stage.responseTimes, total));
  stage.say("The length of the queue over time:");
  stage.say(plot(stage.lengths, total));
}

function summary(responseTimes: readonly number[], total: number): string {
  const best = seconds(Math.min(...responseTimes));
  const worst = seconds(Math.max(...responseTimes));
  const sum = seconds(responseTimes.reduce((one, other) => one + other, 0));
  return `Response times: best ${best} sec., worst ${worst} sec., all added up ${sum} sec. Total time: ${seconds(total)} sec.`;
}
