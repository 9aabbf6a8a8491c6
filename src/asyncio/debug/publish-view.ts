// A process can be looked into from outside, through the platform's inspector: nothing has to be prepared for it. Whoever
// looks calls the one function that is published here, in a slot of the process-wide record.

import { ambient } from "../core/index.ts";
import { type ProcessView, type ProcessViewOptions, viewProcess } from "./process-view.ts";

/** Takes a snapshot of the process. */
export type ViewFunction = (options: ProcessViewOptions) => ProcessView;

interface Published {
  show: ((options: ProcessViewOptions) => string) | undefined;
}

const published = ambient<Published>("view", () => ({ show: undefined }));

/**
 * Makes `view` the function that `pottle pstree` and its like call from outside the process; it may tell more than
 * {@link viewProcess}.
 *
 * @returns A function that takes it back.
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

// The first copy of the package in a process is the one that knows its tasks.
if (published.show === undefined) publishView(viewProcess);
