import type { Instrument } from "../core/index.ts";

/** @internal One thing that debug mode looks for. */
export interface Detector {
  /** The events that it listens to. */
  readonly instrument: Instrument;
  /** Ends it; nothing of it is left when the returned promise is fulfilled. */
  stop?(): void | Promise<void>;
}
