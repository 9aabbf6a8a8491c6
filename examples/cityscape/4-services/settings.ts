import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What the app can be told. */
export interface Settings {
  /** Whether this is for development. */
  readonly dev: boolean;
  /** The key of openweathermap.org; without one the weather is disabled. */
  readonly weatherKey: string;
  /** Whether the services answer with what is in `cached-data.ts`, instead of asking anybody. */
  readonly useCachedData: boolean;
  /** Where the weather is asked for. */
  readonly weatherUrl: string;
  /** Where places are asked for. */
  readonly locationUrl: string;
  /** Where the sun is asked for. */
  readonly sunUrl: string;
}

/** Reads `config/dev.json` or `config/prod.json`. The environment may have the key, and turn the cached data off. */
export function loadSettings(mode: string = "dev", env: NodeJS.ProcessEnv = process.env): Settings {
  const file = join(import.meta.dirname, "..", "config", `${mode}.json`);
  if (!existsSync(file)) throw new Error(`Config not found for ${mode}.`);
  const settings = JSON.parse(readFileSync(file, "utf8")) as Settings;
  return {
    ...settings,
    weatherKey: env["WEATHER_KEY"] ?? settings.weatherKey,
    useCachedData: env["USE_CACHED_DATA"] === undefined ? settings.useCachedData : env["USE_CACHED_DATA"] === "true",
  };
}
