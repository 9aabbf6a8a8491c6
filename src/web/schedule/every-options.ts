import { option } from "../../base/options.ts";
import { wrongType } from "../../base/refusal.ts";

/** What to do when a run is due and one before it has not ended. */
export type Overlap = "skip" | "queue" | "allow";

/** How long a task pauses after runs that failed, in milliseconds. */
export interface PeriodicBackoff {
  /** After the first failure in a row; each further one doubles it. @default 1_000 */
  readonly first?: number;
  /** At most. @default 3_600_000 */
  readonly longest?: number;
}

/** Options of a periodic task. */
export interface EveryOptions {
  /**
   * Its name, as shown by the live view, by reports and by `pottle tasks`.
   * @default the name of the function; else its schedule
   */
  readonly name?: string;
  /**
   * What to do when a run is due and one before it has not ended: `skip` the new one, `queue` it until the other has ended,
   * or `allow` both at once. Of a queue only one run waits; others that become due meanwhile are that one.
   * @default "skip"
   */
  readonly overlap?: Overlap;
  /**
   * Whether it runs once when the application has started, besides the times of its schedule.
   * @default false
   */
  readonly runOnStart?: boolean;
  /**
   * The longest time, in milliseconds, by which a run is put off at random, so that many processes do not run at once.
   * @default 0
   */
  readonly jitter?: number;
  /**
   * Runs that are due within a pause after a failure are left out; the pause doubles with each failure in a row.
   * @default no pause
   */
  readonly backoff?: PeriodicBackoff;
  /**
   * The time zone of a cron expression, such as `Europe/Vienna`.
   * @default that of the process
   */
  readonly timeZone?: string;
  /**
   * Which of the workers of `pottle run --workers` run it: every one, or only the first. Processes on other machines and
   * those that are started by other means know nothing of each other.
   * @default "all"
   */
  readonly workers?: "all" | "first";
}

/** @internal Options of a periodic task, with the defaults filled in. */
export interface EverySettings {
  readonly name: string;
  readonly overlap: Overlap;
  readonly runOnStart: boolean;
  readonly jitter: number;
  readonly backoff: Required<PeriodicBackoff> | undefined;
}

const action = "schedule";

/**
 * @internal Fills in the defaults.
 *
 * @throws {RangeError} If an option is not a value that it can have.
 * @throws {TypeError} If an option has the wrong type.
 */
export function checkEveryOptions(options: EveryOptions, defaultName: string): EverySettings {
  const { name = defaultName, overlap = "skip", runOnStart = false, jitter = 0, backoff, workers = "all" } = options;
  if (typeof name !== "string" || name === "") throw wrongType(action, "'name' must be a text", name);
  option(action, "overlap", overlap).oneOf(["skip", "queue", "allow"]);
  option(action, "runOnStart", runOnStart).boolean();
  option(action, "jitter", jitter).milliseconds({ from: 0, to: 86_400_000 });
  option(action, "workers", workers).oneOf(["all", "first"]);
  return { name, overlap, runOnStart, jitter, backoff: backoff && checkBackoff(backoff) };
}

function checkBackoff(backoff: PeriodicBackoff): Required<PeriodicBackoff> {
  if (typeof backoff !== "object") throw wrongType(action, "'backoff' must be an object", backoff);
  const { first = 1_000, longest = 3_600_000 } = backoff;
  option(action, "backoff.first", first).milliseconds({ above: 0 });
  option(action, "backoff.longest", longest).milliseconds({ from: first });
  return { first, longest };
}
