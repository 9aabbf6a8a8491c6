import { sleep } from "pottle/asyncio";
import { eventsTime } from "../../cached-data.ts";

/** What is on in a city. It takes its time. */
export async function getEvents(city: string, state: string, country: string): Promise<object> {
  await sleep(eventsTime);
  return { city, country, name: "Jeff the player", state };
}
