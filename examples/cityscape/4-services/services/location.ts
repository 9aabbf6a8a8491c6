import { sleep } from "pottle/asyncio";
import { locationTime, place } from "../../cached-data.ts";
import type { FetchJson } from "../fetch-json.ts";
import type { Settings } from "../settings.ts";

/** A place on the earth. */
export type Place = readonly [latitude: number, longitude: number];

interface Answer {
  readonly places?: readonly { readonly latitude: string; readonly longitude: string }[];
}

/** Where a ZIP code lies; `undefined` if there is no such place. */
export async function getLatLong(
  { useCachedData, locationUrl }: Settings,
  fetchJson: FetchJson,
  zip: string,
  country: string,
): Promise<Place | undefined> {
  if (useCachedData) return sleep(locationTime(), place);
  const path = [country, zip].map(encodeURIComponent).join("/");
  const { places } = (await fetchJson(`${locationUrl}/${path}`)) as Answer;
  const [first] = places ?? [];
  return first && [Number(first.latitude), Number(first.longitude)];
}
