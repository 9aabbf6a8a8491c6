// run() runs a program: it gives what main returns, and leaves nothing running behind it.
import { createTask, run, sleep } from "pottle/asyncio";

async function main(): Promise<string> {
  createTask(forgotten);
  await sleep(10);
  return "main has ended";
}

async function forgotten(): Promise<void> {
  try {
    await sleep(60_000);
  } finally {
    console.log("a forgotten task is over as well");
  }
}

console.log(await run(main));
