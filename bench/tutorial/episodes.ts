import { join } from "node:path";
import { findFreePort, untilItAnswers } from "../shared/free-port.ts";
import { startServer } from "../shared/program.ts";

/** The bundled site of twenty episodes, each of which takes 300 ms. */
export interface Episodes extends AsyncDisposable {
  readonly url: string;
}

const site = join(import.meta.dirname, "..", "..", "examples", "web-crawl", "site.ts");

/** Serves the bundled site in a process of its own. */
export async function startEpisodes(): Promise<Episodes> {
  const port = await findFreePort();
  const server = await startServer([process.execPath, site, "--port", String(port)]);
  const url = `http://127.0.0.1:${port}`;
  await untilItAnswers(server, url);
  return { url, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}
