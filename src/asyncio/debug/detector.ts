import type { Instrument } from "../core/index.ts";

/** @internal One thing that debug mode looks for. */
export interface Detector {
  /** What it hears of. */
  readonly instrument: Instrument;
  /** Ends it; nothing of it is left when what it returns is over. */
  stop?(): void | Promise<void>;
}
