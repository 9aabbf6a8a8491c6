// Step 1: the same views, on Pottle. It blocks as before.
import { Pottle } from "pottle";
import { eventsTime, locationTime, place, sunTime, sunTimesOfDay } from "../cached-data.ts";

const app: Pottle = new Pottle(import.meta);

app.get("/", () => "Welcome to the city_scape API. Use /api/city/* for API calls.");

app.get("/api/weather/<zip>/<country>", () => ({ reason: "no API key", status: "disabled" }));

app.get("/api/sun/<zip>/<country>", ({ zip, country }) => forToday(getLatLong(zip, country)));

app.get("/api/events/<city>/<state>/<country>", ({ city, state, country }) => {
  block(eventsTime); // the slow view
  return { city, country, name: "Jeff the player", state };
});

function getLatLong(_zip: string, _country: string): readonly [number, number] {
  block(locationTime());
  return place;
}

function forToday(_place: readonly [number, number]): Readonly<Record<string, string>> {
  block(sunTime());
  return sunTimesOfDay;
}

function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

export default app;
