// What is not this process' own: threads, processes, sockets. They follow no virtual clock and no seed, so that a round
// of them is never the same again; and they are dear, so that only one round in many is of them.

import { sleep, timeout, TimeoutError, toThread } from "../../src/asyncio/index.ts";
import {
  ConnectionResetError,
  openConnection,
  startServer,
  type StreamReader,
  type StreamWriter,
} from "../../src/asyncio/streams/index.ts";
import { createSubprocessExec, PIPE } from "../../src/asyncio/subprocess/index.ts";
import { combinatorAct, tolerate } from "./_jobs.ts";
import type { Act, Scenario } from "./_round.ts";
import type { World } from "./_world.ts";

/** Jobs in threads. */
export const threads: Scenario = { name: "toThread", isReal: true, setUp: threadsAct };

/** Processes that are talked to, waited for and killed. */
export const processes: Scenario = {
  name: "subprocess",
  isReal: true,
  setUp: (world) => combinatorAct(world, runProcess),
};

/** Connections to a server on this machine that sends back what it is sent. */
export const sockets: Scenario = {
  name: "streams",
  isReal: true,
  mayReport: ({ error }) => error instanceof ConnectionResetError,
  setUp: socketsAct,
};

const work = new URL("./_thread-work.ts", import.meta.url).href;

function threadsAct(world: World): Act {
  let jobs = 0;
  return combinatorAct(world, async () => {
    const value = ++jobs;
    const kind = world.pick(["default", "fail", "wait"]);
    const run = (): Promise<number> => toThread<number>(`${work}#${kind}`, value, world.int(3));
    try {
      await world.elsewhere();
      const result = await world.attempt(() => (world.chance(0.3) ? timeout(5 + world.int(20), run) : run()));
      world.require(result === value, `job ${value} was given the result ${String(result)}`);
    } catch (error) {
      if (!(error instanceof RangeError)) return tolerate(world, error, TimeoutError);
      world.require(error.message === `planned ${value}`, `job ${value} was given the error "${error.message}"`);
      world.forgive();
    }
  });
}

async function runProcess(world: World): Promise<void> {
  let pid: number | undefined;
  const text = String(world.int(1_000_000));
  const [program, args] = world.chance(0.7) ? (["cat", []] as const) : (["sleep", ["10"]] as const);
  try {
    await world.elsewhere();
    await world.attempt(() =>
      timeout(20 + world.int(50), async () => {
        await using child = await createSubprocessExec(program, args, { stdin: PIPE, stdout: PIPE });
        ({ pid } = child);
        const [output] = await child.communicate(text);
        world.require(program === "sleep" || output?.toString() === text, `cat gave ${String(output)} for ${text}`);
      }),
    );
  } catch (error) {
    tolerate(world, error, TimeoutError);
  } finally {
    if (pid !== undefined) world.require(!isAlive(pid), `process ${pid} is alive after its scope`);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function socketsAct(world: World): Act {
  const { promise, resolve } = Promise.withResolvers<number>();
  const visitors = new Set<object>();
  world.start("server", async () => {
    await using server = await startServer(echo, 0, "127.0.0.1");
    resolve(server.port);
    while (!world.isOver || visitors.size > 0) await sleep(2);
  });
  return combinatorAct(world, async () => {
    const visitor = {};
    visitors.add(visitor);
    try {
      await visit(world, await promise);
    } catch (error) {
      tolerate(world, error, TimeoutError);
    } finally {
      visitors.delete(visitor);
    }
  });
}

async function echo(reader: StreamReader, writer: StreamWriter): Promise<void> {
  for await (const line of reader) {
    writer.write(line);
    await writer.drain();
  }
}

async function visit(world: World, port: number): Promise<void> {
  await world.attempt(() =>
    timeout(20 + world.int(50), async () => {
      const [reader, writer] = await openConnection(port, "127.0.0.1");
      await using _ = writer;
      for (let lines = 1 + world.int(4); lines > 0; lines--) {
        const line = `${world.int(1_000_000)}\n`;
        if (world.chance(0.2)) await sleep(world.int(3));
        writer.write(line);
        await writer.drain();
        world.disturb();
        const answer = (await reader.readLine()).toString();
        world.require(answer === line, `the server said ${JSON.stringify(answer)} to ${JSON.stringify(line)}`);
      }
    }),
  );
}
