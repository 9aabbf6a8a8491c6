import { sleep } from "pottle/asyncio";
import { sunTime, sunTimesOfDay } from "../../cached-data.ts";
import type { FetchJson } from "../fetch-json.ts";
import type { Settings } from "../settings.ts";
import type { Place } from "./location.ts";

/** When the sun does what, by the name of it. */
export type SunTimes = Readonly<Record<string, string>>;

interface Answer {
  readonly results?: SunTimes;
}

/** When the sun rises and sets today, in the time of this machine; `undefined` if that is not known. */
export async function forToday(
  { useCachedData, sunUrl }: Settings,
  fetchJson: FetchJson,
  [latitude, longitude]: Place,
): Promise<SunTimes | undefined> {
  if (useCachedData) return sleep(sunTime(), sunTimesOfDay);
  const { results } = (await fetchJson(`${sunUrl}/json?lat=${latitude}&lng=${longitude}`)) as Answer;
  if (results === undefined) return undefined;
  return Object.fromEntries(Object.entries(results).map(([name, time]) => [name, toLocalTime(time)]));
}

/** Turns `2:04:09 PM`, which is UTC, into the time of this machine: `06:04:09 AM`. What is no such time stays as it is. */
export function toLocalTime(time: string, offset: number = -new Date().getTimezoneOffset()): string {
  const [, hours, minutes, seconds, half] = /^(\d{1,2}):(\d\d):(\d\d) ([AP]M)$/.exec(time) ?? [];
  if (half === undefined) return time;
  const utc = (Number(hours) % 12) * 60 + (half === "PM" ? 720 : 0) + Number(minutes);
  const local = (utc + offset + 2 * 1_440) % 1_440;
  return `${twoDigits(Math.floor(local / 60) % 12 || 12)}:${twoDigits(local % 60)}:${seconds} ${local < 720 ? "AM" : "PM"}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
