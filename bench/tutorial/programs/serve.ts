// Serves the application that a file exports, as a program would in production.
//
//   node serve.ts FILE PORT

import { pathToFileURL } from "node:url";
import { run, sleep } from "pottle/asyncio";
import type { Application } from "pottle/http";
import { serve } from "pottle/server";

const [file, port] = process.argv.slice(2);
const { default: app } = (await import(pathToFileURL(file!).href)) as { default: Application };

await run(async () => {
  await using server = await serve(app, { port: Number(port) });
  console.log(server.url);
  await sleep(Infinity);
});
