// An async generator waits between the values that it yields. Leaving the loop closes it.
import { run, sleep } from "pottle/asyncio";

async function* countdown(from: number): AsyncGenerator<number> {
  try {
    for (let n = from; n > 0; n--) {
      await sleep(10);
      yield n;
    }
  } finally {
    console.log("the countdown is closed");
  }
}

await run(async () => {
  for await (const n of countdown(3)) console.log(n);
  for await (const n of countdown(10)) {
    console.log("only", n);
    break;
  }
});
