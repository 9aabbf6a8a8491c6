import { join } from "node:path";
import { type CPython, findCPythons } from "./find-cpythons.ts";

/** Somebody who solves every case: Pottle, or one that it is compared with. */
export interface Peer {
  /** What the table calls it. */
  readonly title: string;
  /** Which kind of peer it is. */
  readonly family: "pottle" | "promises" | "cpython" | "uvloop";
  /** Its version: of Node, or of CPython. */
  readonly version: readonly number[];
  /** What is worth knowing of its version, in words. */
  readonly details: string;
  /** The program and the arguments that start a measurement; case, warm-up and count follow. */
  readonly command: readonly [program: string, ...args: string[]];
}

const programs = join(import.meta.dirname, "programs");

/** All peers of this machine, Pottle first. */
export async function findPeers(): Promise<Peer[]> {
  const pythons = await findCPythons();
  return [nodePeer("Pottle", "pottle"), nodePeer("bare promises", "promises"), ...pythons.flatMap(cpythonPeers)];
}

function nodePeer(title: string, family: "pottle" | "promises"): Peer {
  return {
    title,
    family,
    version: process.versions.node.split(".").map(Number),
    details: `Node ${process.versions.node}, V8 ${process.versions.v8}`,
    command: [process.execPath, "--expose-gc", join(programs, "worker.ts"), family],
  };
}

function cpythonPeers(python: CPython): Peer[] {
  const { name, version, build, uvloop } = python;
  const plain: Peer = { title: name, family: "cpython", version, details: build, command: command(python, "asyncio") };
  if (uvloop === undefined) return [plain];
  const title = `${name} + uvloop`;
  return [plain, { title, family: "uvloop", version, details: `uvloop ${uvloop}`, command: command(python, "uvloop") }];
}

// -E: the environment of whoever runs this must not switch asyncio's debug mode on.
function command({ executable }: CPython, loop: "asyncio" | "uvloop"): Peer["command"] {
  return [executable, "-E", join(programs, "cpython.py"), loop];
}
