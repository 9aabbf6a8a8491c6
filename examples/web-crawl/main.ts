// Runs the three programs one after the other, and compares them.
//
//   node main.ts [blocking] [awaiting] [concurrent] [--base-url URL] [--delay MS] [--fail EPISODE]
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Figures } from "./site.ts";
import { siteOf } from "./start-site.ts";

const programs: readonly string[] = ["blocking", "awaiting", "concurrent"];
const [options, chosen] = [process.argv.slice(2).filter(isOption), process.argv.slice(2).filter(isProgram)];

function isProgram(argument: string): boolean {
  return programs.includes(argument);
}

function isOption(argument: string): boolean {
  return !isProgram(argument);
}

async function runProgram(name: string, url: string): Promise<void> {
  const child = spawn(process.execPath, [join(import.meta.dirname, `${name}.ts`), "--base-url", url], {
    stdio: "inherit",
  });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Error(`${name}.ts ended with exit code ${code}`);
}

function describe(name: string, seconds: number, figures: Figures | undefined): string {
  const seen = figures && `; the site saw ${figures.inFlightAtFirstAnswer} in flight before its first answer`;
  return `${name}: ${seconds.toFixed(2)} s${seen ?? ""}`;
}

const summary: string[] = [];
for (const name of chosen.length > 0 ? chosen : programs) {
  await using site = await siteOf(options);
  const start = performance.now();
  await runProgram(name, site.url);
  const figures = await site.figures();
  summary.push(describe(name, (figures?.busy ?? performance.now() - start) / 1_000, figures));
}
console.log(`\n${summary.join("\n")}`);
