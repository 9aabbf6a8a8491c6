// One request twice: waiting for a slow service as one should, and with one blocking call in it.
import { Pottle } from "pottle";
import { sleep } from "pottle/asyncio";
import { askAll, type Store } from "./stores.ts";

/** How long the slow part of the request takes, in milliseconds. */
export const slowPart = 300;

/** The application, over the stores that are there. */
export function makeApp(stores: readonly Store[]): Pottle {
  const app = new Pottle(import.meta);

  // What the neighbours ask for.
  app.get("/hello", () => "Hello");

  app.get("/awaiting", async () => {
    await sleep(slowPart); // the thread is free for others
    return report(stores);
  });

  app.get("/blocking", async () => {
    block(slowPart); // the thread stands still, and everybody with it
    return report(stores);
  });

  return app;
}

async function report(stores: readonly Store[]): Promise<{ report: string[] }> {
  const answers = await askAll(stores);
  return { report: answers.map(({ store, text }) => `${store.name}: ${text}`) };
}

/** What a library does that waits without `await`. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
