import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { promisify } from "node:util";
import { type Case, python } from "./cases.ts";
import { pythonDocs } from "./crawl.ts";

const run = promisify(execFile);

/** What a case needs and this machine does not have, in words. */
export async function missingFor(one: Case): Promise<string[]> {
  const checks = one.kind === "crawl" ? crawlChecks(one.site) : webChecks(one);
  const answers = await Promise.all([...commonChecks(), ...checks]);
  return answers.filter((answer) => answer !== undefined);
}

type Check = Promise<string | undefined>;

function commonChecks(): Check[] {
  const cores = availableParallelism() > 1 ? undefined : "two cores: one for the servers, one for their clients";
  return [Promise.resolve(cores), needsProgram("taskset", "util-linux")];
}

function crawlChecks(site: "episodes" | "python-docs"): Check[] {
  const modules = [needsModule("aiohttp", "python3-aiohttp"), needsModule("bs4", "python3-bs4")];
  if (site === "episodes") return modules;
  const pages = existsSync(pythonDocs) ? undefined : `${pythonDocs} (apt-get install python3-doc)`;
  return [...modules, needsProgram("nginx", "nginx-light"), Promise.resolve(pages)];
}

function webChecks({ peers }: Case): Check[] {
  const uvloop = peers.some(({ command }) => command.includes("uvloop"))
    ? [needsModule("uvloop", "python3-uvloop")]
    : [];
  return [
    needsProgram("wrk", "wrk"),
    needsModule("quart", "python3-quart"),
    needsModule("hypercorn", "python3-hypercorn"),
    ...uvloop,
  ];
}

async function needsProgram(name: string, source: string): Check {
  return (await succeeds("sh", ["-c", `command -v ${name}`])) ? undefined : `${name} (apt-get install ${source})`;
}

async function needsModule(name: string, source: string): Check {
  const found = await succeeds(python, ["-c", `import ${name}`]);
  return found ? undefined : `${name} for ${python} (apt-get install ${source})`;
}

async function succeeds(program: string, args: readonly string[]): Promise<boolean> {
  try {
    await run(program, args);
    return true;
  } catch {
    return false;
  }
}
