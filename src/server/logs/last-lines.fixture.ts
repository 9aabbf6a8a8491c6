// Programs that end in one way or another, with lines in their log that were not written yet.
//
//   node last-lines.fixture.ts FILE exit|throw|serve

import { sleep } from "../../asyncio/index.ts";
import { runServer } from "../run-server.ts";
import { AccessLog } from "./access-log.ts";
import { servedEntry } from "./entry.fixture.ts";

const [to = "", way = ""] = process.argv.slice(2);

/** Logs, and ends the process in the same turn of the event loop. */
function logAndEnd(): void {
  const log = new AccessLog({ to: to === "-" ? process.stdout : to, format: "%(U)s" });
  log.onAccess(servedEntry);
  if (way === "throw") throw new Error("uncaught");
  process.exit(3);
}

/** Serves requests that do not end by themselves, and says when one has begun. */
async function serveForEver(): Promise<void> {
  const handle = async (): Promise<void> => {
    process.send?.("begun");
    await sleep(Infinity);
  };
  await runServer(
    { handle },
    {
      port: 0,
      drainTimeout: 0,
      accessLog: { to, format: "%(U)s %(s)s %(o)s" },
      onListening: ({ url }) => process.send?.(url),
    },
  );
}

if (way === "serve") await serveForEver();
else logAndEnd();
