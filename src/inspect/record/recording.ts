import { ambient, publishView, readFigures, viewProcess } from "../../asyncio/index.ts";
import { isExcluded } from "./excluded-tasks.ts";
import { History } from "./history.ts";

/** How long recording continues after the last snapshot if it is not permanently on, in milliseconds. */
const idleTimeout = 600_000;

interface Recording {
  readonly history: History;
  readonly withdraw: () => void;
  timer: NodeJS.Timeout | undefined;
}

interface State {
  recording: Recording | undefined;
  /** How many calls of {@link recordHistory} are still active. */
  wanted: number;
}

const state = ambient<State>("inspect.recording", () => ({ recording: undefined, wanted: 0 }));

/** The current recording, or `undefined`. */
export function currentHistory(): History | undefined {
  return state.recording?.history;
}

/**
 * Records the last cancellations, and what tasks did in the last minute, until the returned function is called. The
 * live view does this by itself: in development from the start, elsewhere from the first snapshot on.
 *
 * @returns A function that ends the recording, unless another call of `recordHistory` is still active.
 * @example
 * const stop = recordHistory();
 * const task = createTask(() => sleep(60_000), { name: "doomed" });
 * await sleep(0);
 * task.cancel("no longer needed");
 * console.log(takeSnapshot().cancellations?.map(({ reason }) => reason)); // [ 'no longer needed' ]
 * stop();
 */
export function recordHistory(): () => void {
  state.wanted++;
  begin();
  let stopped = false;
  return () => {
    if (stopped) return;
    stopped = true;
    state.wanted--;
    if (state.wanted === 0) end();
  };
}

/** Starts or prolongs recording for ten minutes from now. Called for each snapshot of the live view. */
export function touchRecording(): History {
  const current = begin();
  if (state.wanted > 0) return current.history;
  if (current.timer === undefined) current.timer = setTimeout(endIfUnwanted, idleTimeout).unref();
  else current.timer.refresh();
  return current.history;
}

function endIfUnwanted(): void {
  if (state.wanted === 0) end();
}

function begin(): Recording {
  if (state.recording !== undefined) return state.recording;
  const history = new History();
  const withdraw = publishView((options) => ({
    ...viewProcess({ hide: isExcluded, ...options }),
    cancellations: history.cancellations(),
    figures: readFigures(),
  }));
  return (state.recording = { history, withdraw, timer: undefined });
}

function end(): void {
  if (state.recording === undefined) return;
  clearTimeout(state.recording.timer);
  state.recording.withdraw();
  state.recording.history[Symbol.dispose]();
  state.recording = undefined;
}
