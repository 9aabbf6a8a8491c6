// Who is measured, how each is started, and why one is left out.

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Peer as Server, python } from "../server/peers.ts";

/** A server to be measured. */
export interface Peer extends Server {
  /** Why it cannot be started; `undefined` if it can. */
  readonly missing: () => string | undefined;
}

const programs = join(import.meta.dirname, "programs");

/** The folder where the servers of others are installed. */
export const peersFolder: string = join(import.meta.dirname, "peers");

const bun = join(peersFolder, "node_modules", "bun", "bin", "bun.exe");

/** What is measured for plain text only, and what can do no more than broadcast. */
const [onlyText, onlyBroadcast] = [
  ["json", "parameter", "validated", "template", "static", "headers", "session", "broadcast"],
  ["text", "json", "parameter", "validated", "template", "static", "headers", "session"],
] as const;

/** All servers. `files` is the folder with the static file. */
export function peersFor(files: string): readonly Peer[] {
  const own = (id: string): Pick<Peer, "command" | "missing"> => ({
    command: [process.execPath, join(programs, `${id}.mjs`), "PORT", files],
    missing: () => undefined,
  });
  const other = (id: string): Pick<Peer, "id" | "command" | "missing"> => ({
    id,
    command: [process.execPath, join(peersFolder, `${id}.mjs`), "PORT", files],
    missing: () => missingPackage(id),
  });
  return [
    { id: "bare", title: "Pottle's server, bare", ...own("bare"), without: onlyText },
    { id: "pottle", title: "Pottle", ...own("pottle") },
    { title: "Fastify 5", ...other("fastify") },
    { title: "Hono 4", ...other("hono"), without: ["broadcast"] },
    { title: "h3 2", ...other("h3"), without: ["broadcast"] },
    { title: "Express 5", ...other("express"), without: ["broadcast"] },
    {
      id: "elysia",
      title: "Elysia on Bun, another runtime",
      command: [bun, join(peersFolder, "elysia.mjs"), "PORT", files],
      without: ["broadcast"],
      missing: () => missingPackage("elysia") ?? missingProgram(bun, ["--version"]),
    },
    {
      id: "quart",
      title: "Quart on Hypercorn",
      command: hypercorn(files),
      without: ["validated", "broadcast"],
      missing: () => missingProgram(python, ["-c", "import quart, hypercorn"]),
    },
    { title: "ws by hand", ...other("ws"), without: onlyBroadcast },
  ];
}

function hypercorn(files: string): readonly string[] {
  const bind = ["--bind", "127.0.0.1:PORT", "--log-level", "WARNING", "web_answers:app"];
  return ["env", `PYTHONPATH=${peersFolder}`, `FILES=${files}`, python, "-m", "hypercorn", ...bind];
}

function missingPackage(name: string): string | undefined {
  return existsSync(join(peersFolder, "node_modules", name)) ? undefined : `the package ${name} is not installed`;
}

function missingProgram(program: string, args: readonly string[]): string | undefined {
  try {
    execFileSync(program, args, { stdio: "ignore", timeout: 20_000 });
    return undefined;
  } catch {
    return `this does not run: ${[program, ...args].join(" ")}`;
  }
}
