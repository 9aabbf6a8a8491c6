import { createServer } from "node:net";
import { park } from "../asyncio/index.ts";

const lastPort = 65_535;

/**
 * The first port from `port` on without a listener. Whether this process may listen there is not tested: the server that
 * tries reports it.
 *
 * @returns `port` itself, if every one from there on is taken.
 */
export async function findFreePort(host: string, port: number): Promise<number> {
  for (let candidate = port; candidate <= lastPort; candidate++) {
    if (!(await isTaken(host, candidate))) return candidate;
  }
  return port;
}

function isTaken(host: string, port: number): Promise<boolean> {
  return park({ kind: "port", name: `${host}:${port}` }, (wait) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) => wait.wake(error.code === "EADDRINUSE"));
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => wait.wake(false)));
  });
}
