import { type Application, type Exchange, Lifespan } from "../../http/index.ts";
import { isDevelopment } from "../../web/index.ts";
import { recordHistory } from "../record/recording.ts";
import type { AccessOptions } from "./refusal.ts";

/** Who may see the live view. */
export interface LiveViewOptions extends AccessOptions {}

/**
 * The live view as an application, to be mounted: a page that shows the tasks of the process as they are, what they wait
 * for, and what happened in the last minute. `pottle run` has it at `/_pottle` by itself.
 *
 * It answers in development and programs on the same machine only, unless an option says otherwise. In development it
 * records what happens from the start of the application on, elsewhere from the first look on.
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

/** The part of a target that belongs to the view, and the path in front of it. */
export interface ViewPlace {
  readonly target: string;
  readonly basePath?: string;
}

/** Answers an exchange by the live view, which is loaded now: most programs that have it never show it. */
export async function showView(exchange: Exchange, place: ViewPlace, options: LiveViewOptions): Promise<void> {
  const { answer } = await import("./answer-view.ts");
  await answer(exchange, place, options);
}
