// Three stores at once, and what one blocking call costs everybody else.         run it:  node main.ts
import { AsyncExitStack, run, toThread } from "pottle/asyncio";
import { serve } from "pottle/server";
import { makeApp, slowPart } from "./app.ts";
import type { Figures } from "./neighbours.ts";
import { askAll, findStores, type Store } from "./stores.ts";

async function main(): Promise<void> {
  await using stack = new AsyncExitStack();
  const stores = await findStores(stack);
  console.log("Three stores, asked at once:\n");
  const answers = await askAll(stores);
  for (const { store, text } of answers) console.log(`  ${store.name.padEnd(12)}${text}`);
  await compare(answers.filter(({ isThere }) => isThere).map(({ store }) => store));
}

async function compare(stores: readonly Store[]): Promise<void> {
  await using server = await serve(makeApp(stores), { port: 0 });
  console.log(`\nA request that takes ${slowPart} ms and asks those that are there; a neighbour comes every 10 ms:\n`);
  console.log(row("", "the request", "neighbours", "wait, median", "wait, worst"));
  for (const path of ["/awaiting", "/blocking"]) {
    const clients = new URL("./neighbours.ts", import.meta.url);
    const { request, waits } = await toThread<Figures>(clients, server.url, path);
    const median = waits[Math.floor(waits.length / 2)] ?? 0;
    console.log(row(path.slice(1), ms(request), String(waits.length), ms(median), ms(waits.at(-1) ?? 0)));
  }
  console.log("\nIt is the others who pay for a blocking call: each of them waits until it is over.");
}

function row(name: string, ...cells: readonly string[]): string {
  return `  ${name.padEnd(12)}${cells.map((cell) => cell.padStart(14)).join("")}`;
}

function ms(time: number): string {
  return `${time.toFixed(time < 10 ? 1 : 0)} ms`;
}

await run(main);
