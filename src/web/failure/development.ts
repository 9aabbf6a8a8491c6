// A process is in development only if the code that runs a program says so, `pottle run` or `app.run()`: a server in
// production must not show errors because a variable was not set there.

import { ambient } from "../../asyncio/index.ts";

const state = ambient("web.development", () => ({ isOn: false }));

/**
 * Whether this process is a program in development, in which errors may be shown where they happen: run by `pottle run`
 * or `app.run()`, and `NODE_ENV` is not `production`. An application that is served by `serve()` never is.
 *
 * @example
 * console.log(isDevelopment()); // false
 */
export function isDevelopment(): boolean {
  return state.isOn;
}

/**
 * Says that this process is a program in development, unless `NODE_ENV` is `production`. `pottle run` and `app.run()`
 * call it.
 *
 * @returns A function that takes it back.
 */
export function enableDevelopment(): () => void {
  const before = isDevelopment();
  state.isOn = process.env["NODE_ENV"] !== "production";
  return () => {
    state.isOn = before;
  };
}
