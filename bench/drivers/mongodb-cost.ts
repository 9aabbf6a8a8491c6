import { type Collection as BareCollection, MongoClient } from "mongodb";
import { createTask, gather, type Task } from "pottle/asyncio";
import { type Collection, connect } from "pottle/mongodb";
import { ratiosTo, type Spread, spreadOf } from "../asyncio/summary.ts";

const connections = 10;

/** The commands that are measured. */
export const commands = ["find", "findOne", "insertOne", "updateOne"] as const;

/** One of them. */
export type Command = (typeof commands)[number];

/** What a command costs: microseconds of CPU time in the process that asks. */
export interface CommandCost {
  readonly command: Command;
  readonly pottle: Spread;
  readonly bare: Spread;
  /** How many times the cost of the bare driver ours is, round by round. */
  readonly ratio: Spread;
}

interface Fruit {
  readonly name: string;
  readonly kilos: number;
  readonly tags: readonly string[];
}

type Ask = (n: number) => Promise<unknown>;

/** A client, by its commands. */
interface Peer {
  readonly ask: Readonly<Record<Command, Ask>>;
  /** Forgets what was inserted. */
  readonly clear: () => Promise<unknown>;
}

const kept = 100;

function fruit(n: number): Fruit {
  return { name: `fruit ${n}`, kilos: n, tags: ["fresh", "ripe", "local"] };
}

/**
 * Measures what commands cost by Pottle and by the bare driver: in one process, in short rounds that alternate, so that
 * both find the machine equally busy.
 */
export async function measureCommands(url: string, rounds: number, count: number): Promise<CommandCost[]> {
  await using client = await connect(`${url}/bench`, { maxPoolSize: connections });
  await using driver = await new MongoClient(`${url}/bench`, { maxPoolSize: connections }).connect();
  const fruits = client.collection<Fruit>("fruits");
  await fruits.insertMany(Array.from({ length: kept }, (_, n) => fruit(n)));
  const peers = { pottle: ours(fruits), bare: bare(driver.db().collection<Fruit>("fruits")) };
  const costs: CommandCost[] = [];
  for (const command of commands) costs.push(await measureCommand(command, peers, rounds, count));
  return costs;
}

function ours(fruits: Collection<Fruit>): Peer {
  return {
    ask: {
      find: (n) => fruits.find({ name: `fruit ${n % kept}` }).toArray(),
      findOne: (n) => fruits.findOne({ name: `fruit ${n % kept}` }),
      insertOne: (n) => fruits.insertOne(fruit(n + kept)),
      updateOne: (n) => fruits.updateOne({ name: `fruit ${n % kept}` }, { $set: { kilos: n % kept } }),
    },
    clear: () => fruits.deleteMany({ kilos: { $gte: kept } }),
  };
}

function bare(fruits: BareCollection<Fruit>): Peer {
  return {
    ask: {
      find: (n) => fruits.find({ name: `fruit ${n % kept}` }).toArray(),
      findOne: (n) => fruits.findOne({ name: `fruit ${n % kept}` }),
      insertOne: (n) => fruits.insertOne(fruit(n + kept)),
      updateOne: (n) => fruits.updateOne({ name: `fruit ${n % kept}` }, { $set: { kilos: n % kept } }),
    },
    clear: () => fruits.deleteMany({ kilos: { $gte: kept } }),
  };
}

async function measureCommand(
  command: Command,
  peers: { readonly pottle: Peer; readonly bare: Peer },
  rounds: number,
  count: number,
): Promise<CommandCost> {
  const samples = { pottle: [] as number[], bare: [] as number[] };
  for (let round = -2; round < rounds; round++) {
    const order = ["pottle", "bare"] as const;
    for (const name of round % 2 === 0 ? order : order.toReversed()) {
      const microseconds = await timeOf(count, peers[name].ask[command]);
      await peers[name].clear();
      if (round >= 0) samples[name].push(microseconds);
    }
  }
  const { pottle, bare: other } = samples;
  return { command, pottle: spreadOf(pottle), bare: spreadOf(other), ratio: spreadOf(ratiosTo(other, pottle)) };
}

/** The CPU time of each of `count` commands, ten at once, each in a task that can be cancelled at any moment. */
async function timeOf(count: number, ask: Ask): Promise<number> {
  const before = process.cpuUsage();
  const work = async (): Promise<void> => {
    for (let n = 0; n < count / connections; n++) await ask(n);
  };
  await gather(Array.from({ length: connections }, (): Task<void> => createTask(work)));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}
