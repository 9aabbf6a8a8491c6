// Which engine the cases of this folder are run on: each file of tests is a process of its own.

import type { ServeOptions } from "../../src/server/index.ts";

type Engine = NonNullable<ServeOptions["engine"]>;

let chosen: Engine | undefined;

/** The engine that is tested. */
export function testedEngine(): Engine {
  if (chosen === undefined) throw new Error("Cannot define the cases before testEngine() was called");
  return chosen;
}

/** Defines the cases of this folder for one engine. */
export async function testEngine(engine: Engine): Promise<void> {
  chosen = engine;
  await import("./_continue-and-upgrade.ts");
  await import("./_limits.ts");
  await import("./_refusals.ts");
  await import("./_trailers-and-hints.ts");
  for (const part of ["clients", "ends", "frames", "handshake"]) await import(`./_web-socket-${part}.ts`);
  if (engine === "pottle") await import("./_own-limits.ts");
}
