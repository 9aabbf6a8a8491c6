import type { Pottle } from "pottle";
import { ClientSession } from "pottle/client";

/** Asks a service. Tests hand the app one of their own. */
export type FetchJson = (url: string) => Promise<unknown>;

/** Asks over connections that are open while the app serves. */
export function fetchWhileServing(app: Pottle): FetchJson {
  let session: ClientSession | undefined;
  app.whileServing(async function* () {
    await using opened = new ClientSession({ raiseForStatus: true, timeout: 10_000 });
    session = opened;
    yield;
    session = undefined;
  });
  return async (url) => {
    if (session === undefined) throw new Error(`Cannot ask ${new URL(url).host} as the app does not serve`);
    await using response = await session.get(url);
    return await response.json();
  };
}
