// Step 2: views are async, and what is slow is awaited. A request that waits is in nobody's way.
import { Pottle } from "pottle";
import { sleep } from "pottle/asyncio";
import { eventsTime, locationTime, place, sunTime, sunTimesOfDay } from "../cached-data.ts";

const app: Pottle = new Pottle(import.meta);

app.get("/", () => "Welcome to the city_scape API. Use /api/city/* for API calls.");

app.get("/api/weather/<zip>/<country>", () => ({ reason: "no API key", status: "disabled" }));

app.get("/api/sun/<zip>/<country>", async ({ zip, country }) => forToday(await getLatLong(zip, country)));

app.get("/api/events/<city>/<state>/<country>", async ({ city, state, country }) => {
  await sleep(eventsTime); // still slow, but only for whoever asked
  return { city, country, name: "Jeff the player", state };
});

function getLatLong(_zip: string, _country: string): Promise<readonly [number, number]> {
  return sleep(locationTime(), place);
}

function forToday(_place: readonly [number, number]): Promise<Readonly<Record<string, string>>> {
  return sleep(sunTime(), sunTimesOfDay);
}

export default app;
