// Who is measured, and how each is started.

import { join } from "node:path";

/** A server to be measured. */
export interface Peer {
  readonly id: string;
  readonly title: string;
  /** `PORT` stands for the port. */
  readonly command: readonly string[];
  /** What it cannot answer. */
  readonly without?: readonly string[];
}

const programs = join(import.meta.dirname, "programs");
const installed = join(import.meta.dirname, "peers", "node_modules");

/** Python with Quart and Hypercorn: Debian's own. */
export const python = "/usr/bin/python3";

function node(id: string, title: string, file: string, ...args: readonly string[]): Peer {
  return { id, title, command: [process.execPath, join(programs, file), "PORT", ...args] };
}

/** The servers of every round. */
export const peers: readonly Peer[] = [
  { ...node("floor", "a bare socket", "floor.mjs"), without: ["upload", "pipelined", "log"] },
  node("pottle", "Pottle", "pottle.mjs"),
  { ...node("pottle-node-http", "Pottle on node:http", "pottle.mjs", "node:http"), without: ["log"] },
  { ...node("node:http", "bare node:http", "node-http.mjs"), without: ["log"] },
  node("fastify", "Fastify 5", "fastify.mjs"),
  { ...node("hono", "Hono 4", "hono.mjs"), without: ["log"] },
  { ...node("h3", "h3 2", "h3.mjs"), without: ["log"] },
  { ...node("express", "Express 5", "express.mjs"), without: ["log"] },
  { id: "bun", title: "Bun.serve", command: [bunProgram(), join(programs, "bun.mjs"), "PORT"], without: ["log"] },
  { id: "quart", title: "Quart on Hypercorn", command: hypercorn(), without: ["pipelined", "log"] },
];

/** The servers that print a line a request: those of the row `log`. */
export const logging: readonly Peer[] = [
  node("pottle", "Pottle", "pottle.mjs", "log"),
  node("fastify", "Fastify 5", "fastify.mjs", "log"),
];

function hypercorn(): readonly string[] {
  const bind = ["--bind", "127.0.0.1:PORT", "--log-level", "WARNING", "quart_answers:app"];
  return ["env", `PYTHONPATH=${programs}`, python, "-m", "hypercorn", ...bind];
}

// Its package calls it so on every platform.
function bunProgram(): string {
  return join(installed, "bun", "bin", "bun.exe");
}
