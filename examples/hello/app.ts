// A small async server.                  run it:  npx pottle run app.ts
import { Pottle } from "pottle";
import { createTask, gather, sleep } from "pottle/asyncio";

const app: Pottle = new Pottle(import.meta);

app.get("/", async () => {
  await sleep(1_000);
  return "Hello, Async World!";
});

app.route("/data", { methods: ["GET", "POST"] }, async () => {
  try {
    createTask(clean);
    await sleep(2_000);
    return { message: "This is async data" };
  } finally {
    console.log("/data: over"); // also when the client has left
  }
});

app.get("/concurrent", async () => {
  const results = await gather(
    () => work("Task 1", 2_000),
    () => work("Task 2", 1_000),
  );
  return { results };
});

app.get("/plaintext", () => "Hello, World!");

async function work(name: string, ms: number): Promise<string> {
  await sleep(ms);
  return `${name} complete`;
}

// Goes on beside the request that started it, and ends with it.
async function clean(): Promise<void> {
  try {
    await sleep(60_000);
  } finally {
    console.log("/data: its task is over");
  }
}

export default app;
