// Step 4: settings, and live services behind them. A test makes an app with settings and services of its own.
import { Pottle } from "pottle";
import { type FetchJson, fetchWhileServing } from "./fetch-json.ts";
import { loadSettings, type Settings } from "./settings.ts";
import { createCity } from "./views/city.ts";
import { home } from "./views/home.ts";

/** Makes the app. */
export function createApp(settings: Settings, fetchJson?: FetchJson): Pottle {
  const app = new Pottle(import.meta);
  app.beforeServing(() => describeSettings(settings));
  app.register(home);
  app.register(createCity(settings, fetchJson ?? fetchWhileServing(app)));
  app.errorHandler(404, () => "The page was not found.");
  return app;
}

function describeSettings({ useCachedData, weatherKey }: Settings): void {
  console.log(`Using cached data? ${useCachedData}`);
  if (weatherKey === "")
    console.log("There is no WEATHER_KEY: the weather is disabled. Get one at openweathermap.org.");
}

const app: Pottle = createApp(loadSettings(process.env["NODE_ENV"] === "production" ? "prod" : "dev"));

export default app;
