// Producers and consumers, five ways.                  run it:  node main.ts [RUN…] [--seed NUMBER] [--speed NUMBER]
import { parseArgs, styleText } from "node:util";
import { randomOf } from "pottle/asyncio/testing";
import { type Run, runProgram, runs } from "./runs.ts";
import { Stage, wallClock } from "./stage.ts";

const usage = `node main.ts [RUN…] [--seed NUMBER] [--speed NUMBER]

  RUN             some of: ${runs.map(({ name }) => name).join(", ")} (all of them)
  --seed NUMBER   makes the pauses of the producers those of that seed (another one each time)
  --speed NUMBER  lets time go that many times as fast (1); the times that are printed are those of the usual clock`;

interface Options {
  readonly chosen: readonly Run[];
  readonly seed: number;
  readonly speed: number;
}

async function main({ chosen, seed, speed }: Options): Promise<void> {
  for (const one of chosen) {
    console.log(`${styleText("bold", `${runs.indexOf(one) + 1}. ${one.title}`)}\n`);
    await runProgram(one, new Stage(wallClock(speed), randomOf(seed), print));
    console.log();
  }
  console.log(`The same pauses once more: --seed ${seed}${speed === 1 ? "" : ` --speed ${speed}`}`);
}

function print(line: string, color: "white" | "yellow" | "cyan"): void {
  console.log(styleText(color, line));
}

function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { seed: { type: "string" }, speed: { type: "string", default: "1" } },
    allowPositionals: true,
  });
  return {
    chosen: positionals.length === 0 ? runs : positionals.map(findRun),
    seed: values.seed === undefined ? Math.floor(Math.random() * 1_000_000) : readNumber("seed", values.seed, 0),
    speed: readNumber("speed", values.speed, Number.MIN_VALUE),
  };
}

function findRun(name: string): Run {
  const found = runs.find((one) => one.name === name);
  if (found === undefined) throw new RangeError(`Cannot perform an unknown run: current value is ${name}`);
  return found;
}

function readNumber(name: string, text: string, least: number): number {
  const value = text === "" ? NaN : Number(text);
  if (value >= least && value < Infinity) return value;
  throw new RangeError(
    `Cannot start as --${name} must be a number ${least === 0 ? ">= 0" : "> 0"}: current value is ${text}`,
  );
}

function readOptionsOrExplain(args: readonly string[]): Options | undefined {
  try {
    return readOptions(args);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    return undefined;
  }
}

const options = readOptionsOrExplain(process.argv.slice(2));
if (options === undefined) process.exitCode = 2;
else await main(options);
