// The packed package as its users get it: packs it, installs the tarball in an empty folder beside nothing else, and
// there, on the newest and on the oldest Node that Pottle supports,
//
// 1. imports every subpath,
// 2. serves the README's app.ts by the `pottle` command, asks it over HTTP, leaves a request, and ends it by SIGTERM;
//
// makes an application by `pottle new`, installs it, starts it, asks it and runs its test,
// and type-checks app.ts and every subpath with TypeScript's own defaults.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "./build.ts";
import { node24 } from "./node24.ts";
import { runProcess, startProcess } from "./_process.ts";
import { faces, root } from "./_repository.ts";
import { markdownSnippets } from "./_snippets.ts";

/** Milliseconds that one program may take. */
const LIMIT_MS = 60_000;

const place = mkdtempSync(join(tmpdir(), "pottle-smoke-"));
try {
  await build();
  const tarball = await pack();
  const home = await installIn(join(place, "app"), tarball);
  writeFileSync(join(home, "app.ts"), readmeProgram());
  await typeCheck(home);
  for (const node of [process.execPath, await node24()]) await tryOn(node, home);
  await tryNew(home, tarball);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(place, { recursive: true, force: true });
}

/** Packs the repository; returns the tarball. What npm prepares before is built already. */
async function pack(): Promise<string> {
  const output = await succeed("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", place], root);
  return join(place, output.trim().split("\n").at(-1) ?? "");
}

async function installIn(home: string, tarball: string): Promise<string> {
  mkdirSync(home);
  writeFileSync(join(home, "package.json"), JSON.stringify({ name: "smoke", private: true, type: "module" }));
  await succeed("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", tarball], home);
  return home;
}

/** The README's first program, the one that begins with `// app.ts`. */
function readmeProgram(): string {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const program = markdownSnippets("README.md", readme).find(({ code }) => code.startsWith("// app.ts"));
  if (program === undefined) throw new Error("Cannot try the README's program as no ts block begins with // app.ts");
  return program.code;
}

/** The faces that work beside nothing else: that of OpenTelemetry is of use only beside its peer, and imports it. */
function facesAlone(): ReturnType<typeof faces> {
  return faces().filter(({ subpath }) => subpath !== "pottle/opentelemetry");
}

/**
 * A tsconfig.json that sets no option, so that everything is as TypeScript has it by itself. Each subpath is checked
 * alone as well: its declarations must name Node's types themselves, as no default brings those in.
 */
async function typeCheck(home: string): Promise<void> {
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const programs = facesAlone().map(
    ({ subpath }, index) =>
      [`subpath-${index}.ts`, `import * as face from "${subpath}";\nconsole.log(face);\n`] as const,
  );
  for (const [file, code] of programs) writeFileSync(join(home, file), code);
  for (const file of ["app.ts", ...programs.map(([name]) => name)]) {
    writeFileSync(join(home, "tsconfig.json"), JSON.stringify({ files: [file] }));
    await succeed(process.execPath, [tsc, "--noEmit", "-p", home], home);
  }
  console.log("app.ts and every subpath type-check with TypeScript's defaults");
}

async function tryOn(node: string, home: string): Promise<void> {
  const version = (await succeed(node, ["--version"], home)).trim();
  await importEverything(node, home);
  await serveProgram(node, home);
  console.log(`every subpath and app.ts work on Node ${version}`);
}

async function importEverything(node: string, home: string): Promise<void> {
  const imports = facesAlone().map(({ subpath }) => `import ${JSON.stringify(subpath)};`);
  await succeed(node, ["--input-type=module", "--eval", imports.join("\n")], home);
}

async function serveProgram(node: string, home: string): Promise<void> {
  const command = join(home, "node_modules", ".bin", "pottle");
  const server = startProcess(node, [command, "run", "app.ts"], { cwd: home, limit: LIMIT_MS });
  try {
    const [url] = await server.printed(/http:\/\/\S+:\d+/);
    const response = await fetch(url, { signal: AbortSignal.timeout(LIMIT_MS) });
    const body = await response.text();
    if (response.status !== 200) throw new Error(`Cannot get ${url}: status ${response.status}, body ${body}`);
    await leave(`${url}/concurrent`);
    await server.printed(/GET \/concurrent .*cancelled/);
    server.signal("SIGTERM");
    const { code, output } = await server.ended;
    if (code !== 0) throw new Error(`Cannot end the server by SIGTERM: exit code ${code}, it printed\n${output}`);
  } finally {
    server.kill();
    await server.ended;
  }
}

/** Asks for something that takes two seconds, and hangs up after a quarter of one. */
async function leave(url: string): Promise<void> {
  const outcome = await fetch(url, { signal: AbortSignal.timeout(250) }).catch((error: unknown) => error);
  if (outcome instanceof Response) throw new Error(`Cannot leave ${url}: it answered ${outcome.status} at once`);
}

/** Makes an application as its user does: two commands to its first page, two to its test. */
async function tryNew(home: string, tarball: string): Promise<void> {
  const command = join(home, "node_modules", ".bin", "pottle");
  await succeed(process.execPath, [command, "new", "shop", "--pottle", `file:${tarball}`], home);
  const shop = join(home, "shop");
  await succeed("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund"], shop, 4 * LIMIT_MS);
  const server = startProcess("npm", ["start"], { cwd: shop, limit: LIMIT_MS });
  try {
    const [url] = await server.printed(/http:\/\/\S+:\d+/);
    const body = await (await fetch(url, { signal: AbortSignal.timeout(LIMIT_MS) })).text();
    if (!body.includes("Hello from shop")) throw new Error(`Cannot get the page of a new application: body ${body}`);
  } finally {
    server.kill();
    await server.ended;
  }
  for (const script of ["test", "typecheck", "lint"]) await succeed("npm", ["run", script], shop);
  console.log("pottle new makes an application that serves and whose test passes");
}

/** Runs a program that must succeed; returns what it printed. */
async function succeed(program: string, args: readonly string[], cwd: string, limit = LIMIT_MS): Promise<string> {
  const { code, output, timedOut } = await runProcess(program, args, { cwd, limit });
  const reason = timedOut ? `still running after ${limit} ms` : `exit code ${code}`;
  if (code !== 0) throw new Error(`Cannot run ${program} ${args.join(" ")}: ${reason}, it printed\n${output}`);
  return output;
}
