import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { sleep, timeout } from "pottle/asyncio";
import type { Process } from "pottle/asyncio/subprocess";

/** A port of this machine on which nobody listens at the moment. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/**
 * Waits until `server` answers at `url`, with whatever status.
 *
 * @throws {Error} If it has ended instead.
 * @throws {TimeoutError} If it does not within ten seconds.
 */
export async function untilItAnswers(server: Process, url: string): Promise<void> {
  await timeout(10_000, async () => {
    while (!(await answers(url))) {
      if (server.returncode !== undefined) throw new Error(`Cannot measure as the server of ${url} has ended`);
      await sleep(50);
    }
  });
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    await response.arrayBuffer();
    return true;
  } catch {
    return false; // not yet
  }
}
