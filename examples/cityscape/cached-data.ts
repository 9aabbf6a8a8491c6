// What the services answered once, and how long that took: the data of every step, so that none needs a network.

/** How often a second is: 1 as it was, 20 twenty times as fast. */
export const speed: number = Number(process.env["CITYSCAPE_SPEED"] ?? 1);

/** How long the slow view waits for its tickets, in milliseconds. */
export const eventsTime: number = 2_000 / speed;

const locationTimes = [288, 536, 401, 329, 460, 512, 377, 305, 418, 350, 490, 360, 443];
const sunTimes = [399.203, 704.6, 422.959, 741.911, 404.674];

/** Where every place is. */
export const place: readonly [latitude: number, longitude: number] = [45.50655, -122.733888];

/** What the sun does there. */
export const sunTimesOfDay: Readonly<Record<string, string>> = {
  astronomical_twilight_begin: "04:03:13 AM",
  astronomical_twilight_end: "10:29:44 PM",
  civil_twilight_begin: "05:31:10 AM",
  civil_twilight_end: "09:01:47 PM",
  day_length: "14:24:39",
  nautical_twilight_begin: "04:49:54 AM",
  nautical_twilight_end: "09:43:03 PM",
  solar_noon: "01:16:28 PM",
  sunrise: "06:04:09 AM",
  sunset: "08:28:48 PM",
};

/** What the weather was like. */
export const weather: object = {
  main: { humidity: 62, temp: 289.1 },
  name: "Portland",
  weather: [{ description: "broken clouds", main: "Clouds" }],
};

/** How long it takes to ask where a place is, in milliseconds. */
export function locationTime(): number {
  return pick(locationTimes) / speed;
}

/** How long it takes to ask for the sun, in milliseconds. */
export function sunTime(): number {
  return pick(sunTimes) / speed;
}

function pick(times: readonly number[]): number {
  return times[Math.floor(Math.random() * times.length)]!;
}
