// All twenty pages are asked for at once, and read in their order.                         run it:  node concurrent.ts
import { createTask, isCancelled, run } from "pottle/asyncio";
import { ClientSession } from "pottle/client";
import { episodes } from "./episodes.ts";
import { failed, found, getTitle, gettingHtml } from "./output.ts";
import { siteOf } from "./start-site.ts";

async function getHtml(session: ClientSession, episode: number): Promise<string> {
  gettingHtml(episode);
  const response = await session.get(String(episode));
  return response.text();
}

async function getTitles(session: ClientSession): Promise<void> {
  const tasks = episodes.map((episode) => ({ episode, html: createTask(() => getHtml(session, episode)) }));
  for (const { episode, html } of tasks) {
    try {
      found(getTitle(await html, episode));
    } catch (error) {
      if (isCancelled(error)) throw error;
      failed(episode, error);
    }
  }
  console.log("Done.");
}

await run(async () => {
  await using site = await siteOf();
  await using session = new ClientSession({ baseUrl: site.url, raiseForStatus: true });
  await getTitles(session);
});
