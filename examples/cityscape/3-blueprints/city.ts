import { Blueprint } from "pottle";
import { sleep } from "pottle/asyncio";
import { eventsTime, locationTime, place, sunTime, sunTimesOfDay } from "../cached-data.ts";

export const city: Blueprint<"/api"> = new Blueprint("city", { prefix: "/api" });

city.get("/weather/<zip>/<country>", () => ({ reason: "no API key", status: "disabled" }));

city.get("/sun/<zip>/<country>", async ({ zip, country }) => forToday(await getLatLong(zip, country)));

city.get("/events/<city>/<state>/<country>", async ({ city: name, state, country }) => {
  await sleep(eventsTime);
  return { city: name, country, name: "Jeff the player", state };
});

function getLatLong(_zip: string, _country: string): Promise<readonly [number, number]> {
  return sleep(locationTime(), place);
}

function forToday(_place: readonly [number, number]): Promise<Readonly<Record<string, string>>> {
  return sleep(sunTime(), sunTimesOfDay);
}
