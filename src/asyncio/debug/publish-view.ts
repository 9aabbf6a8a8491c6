// A process can be inspected from outside through Node's inspector, without preparation. The inspecting program calls
// the function that is published here, in a slot of the process-wide record.

import { ambient } from "../core/index.ts";
import { type ProcessView, type ProcessViewOptions, viewProcess } from "./process-view.ts";

/** Takes a snapshot of the process. */
export type ViewFunction = (options: ProcessViewOptions) => ProcessView;

interface Published {
  show: ((options: ProcessViewOptions) => string) | undefined;
}

const published = ambient<Published>("view", () => ({ show: undefined }));

/**
 * Sets the function that `pottle pstree` and similar commands call from outside the process. It may return more than
 * {@link viewProcess}.
 *
 * @returns A function that restores the previous one.
 * @example
 * const withdraw = publishView((options) => viewProcess({ limit: 50, ...options }));
 * withdraw();
 */
export function publishView(view: ViewFunction): () => void {
  const before = published.show;
  published.show = (options) => JSON.stringify(view(options));
  return () => {
    if (before !== undefined) published.show = before;
  };
}

// If the process has several copies of the package, the first one publishes the function.
if (published.show === undefined) publishView(viewProcess);
