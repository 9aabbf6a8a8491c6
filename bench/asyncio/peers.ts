import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type CPython, findCPythons } from "./find-cpythons.ts";

/** Somebody who solves every case: Pottle, or one that it is compared with. */
export interface Peer {
  /** What the table calls it. */
  readonly title: string;
  /** Which kind of peer it is. */
  readonly family: "pottle" | "before" | "promises" | "cpython" | "uvloop";
  /** Its version: of Node, or of CPython. */
  readonly version: readonly number[];
  /** What is worth knowing of its version, in words. */
  readonly details: string;
  /** The program and the arguments that start a measurement; case, warm-up and count follow. */
  readonly command: readonly [program: string, ...args: string[]];
}

const root = join(import.meta.dirname, "../..");
const programs = join(import.meta.dirname, "programs");

/**
 * Pottle as it is here, and as it is built in another checkout: our programs run on either. Both are loaded in the same
 * way, so that neither has an advantage.
 */
export function checkoutPeers(folder: string): Peer[] {
  const here = nodePeer("Pottle", "pottle");
  const details = `${here.details}, ${folder}`;
  return [
    { ...here, command: commandFrom(root) },
    { ...here, title: "Pottle before", family: "before", details, command: commandFrom(folder) },
  ];
}

function commandFrom(folder: string): Peer["command"] {
  const hook = pathToFileURL(join(programs, "use-checkout.ts"));
  hook.searchParams.set("folder", folder);
  return [process.execPath, "--expose-gc", "--import", hook.href, join(programs, "worker.ts"), "pottle"];
}

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
