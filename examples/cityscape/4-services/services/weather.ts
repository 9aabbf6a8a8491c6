import { weather } from "../../cached-data.ts";
import type { FetchJson } from "../fetch-json.ts";
import type { Settings } from "../settings.ts";

/** What the weather is like, as the service says it; that it is disabled, if there is no key for it. */
export async function getWeather(
  { weatherKey, useCachedData, weatherUrl }: Settings,
  fetchJson: FetchJson,
  zip: string,
  country: string,
): Promise<object | null> {
  if (weatherKey === "") return { reason: "no API key", status: "disabled" };
  if (useCachedData) return weather;
  const query = new URLSearchParams({ zip: `${zip},${country}`, appid: weatherKey });
  return (await fetchJson(`${weatherUrl}/data/2.5/weather?${query.toString()}`)) as object | null;
}
