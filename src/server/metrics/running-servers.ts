import { ambient } from "../../asyncio/index.ts";

/** A server, as figures are asked of it. */
export interface CountedServer {
  /** How many connections and requests there are. */
  statistics(): { readonly connections: number; readonly requests: number };
}

/** The servers of this process that listen. */
export const runningServers: Set<CountedServer> = ambient("server.running", () => new Set<CountedServer>());
