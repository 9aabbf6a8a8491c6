// The application of sigterm.test.ts for `pottle run`: it takes five milliseconds for each answer.

import { Pottle } from "pottle";
import { sleep } from "pottle/asyncio";

const app: Pottle = new Pottle(import.meta);
app.get("/<int:ms>", async ({ ms }) => {
  await sleep(ms);
  return "served";
});

export default app;
