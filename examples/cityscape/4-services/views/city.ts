import { abort, Blueprint } from "pottle";
import type { FetchJson } from "../fetch-json.ts";
import { getEvents } from "../services/events.ts";
import { getLatLong } from "../services/location.ts";
import { forToday } from "../services/sun.ts";
import { getWeather } from "../services/weather.ts";
import type { Settings } from "../settings.ts";

/** The API, with the settings and the services that it uses. */
export function createCity(settings: Settings, fetchJson: FetchJson): Blueprint<"/api"> {
  const city = new Blueprint("city", { prefix: "/api" });

  city.get("/weather/<zip>/<country>", async ({ zip, country }) => {
    return (await getWeather(settings, fetchJson, zip, country)) ?? abort(404);
  });

  city.get("/sun/<zip>/<country>", { timeout: 10_000 }, async ({ zip, country }) => {
    const place = (await getLatLong(settings, fetchJson, zip, country)) ?? abort(404);
    return (await forToday(settings, fetchJson, place)) ?? abort(404);
  });

  city.get("/events/<city>/<state>/<country>", ({ city: name, state, country }) => getEvents(name, state, country));

  return city;
}
