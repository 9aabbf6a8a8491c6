import { type Application, type Exchange, Lifespan } from "../../http/index.ts";
import { isDevelopment } from "../../web/index.ts";
import { recordHistory } from "../record/recording.ts";
import type { AccessOptions } from "./refusal.ts";

/** Options of the live view: who may see it. */
export interface LiveViewOptions extends AccessOptions {}

/**
 * Makes the live view as an application to mount: a page that shows the current tasks of the process, their waits, and
 * what happened in the last minute. `pottle run` shows it at `/_pottle` automatically.
 *
 * It answers only in development, and only programs on the same machine, unless an option allows more. In development,
 * it records the history from the start of the application on, elsewhere from the first visit on.
 *
 * @example
 * const app = new Pottle(import.meta);
 * app.mount("/_pottle", liveView());
 */
export function liveView(options: LiveViewOptions = {}): Application {
  const lifespan = new Lifespan();
  let stop: (() => void) | undefined;
  lifespan.onStart(() => {
    if (isDevelopment()) stop = recordHistory();
  });
  lifespan.onStop(() => stop?.());
  return { lifespan, handle: (exchange) => showView(exchange, exchange, options) };
}

/** The part of a request target that belongs to the view, and the path before it. */
export interface ViewPlace {
  readonly target: string;
  readonly basePath?: string;
}

/** Answers an exchange with the live view. Its modules are loaded only now, because most programs never show it. */
export async function showView(exchange: Exchange, place: ViewPlace, options: LiveViewOptions): Promise<void> {
  const { answer } = await import("./answer-view.ts");
  await answer(exchange, place, options);
}
