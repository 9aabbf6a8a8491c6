import { type History, historyLength } from "../record/history.ts";
import type { Span, TaskTrack } from "../record/task-track.ts";

/** A piece of a lane. */
export interface LaneSpan {
  readonly state: Span["state"] | "cancelled" | "failed";
  /** In milliseconds since 1970. */
  readonly start: number;
  /** `undefined` while it lasts. */
  readonly end: number | undefined;
  readonly resource: string | undefined;
}

/** A line of the timeline: tasks of one name that followed each other. */
export interface Lane {
  readonly name: string;
  /** The number of the first of them. */
  readonly id: number;
  /** How many tasks there are in it. */
  readonly tasks: number;
  readonly spans: readonly LaneSpan[];
}

/** What tasks did in the last minute. */
export interface Timeline {
  readonly lanes: readonly Lane[];
  /** How many more lanes and tasks there are that are not shown. */
  readonly more: number;
  /** How many tasks were not followed. */
  readonly missed: number;
}

const lanesShown = 40;
const lanesOfOneName = 8;
const spansShown = 120;
const gap = 5;
// Tasks without a name of their own share their lanes.
const unnamed = /^Task-\d+$/;

interface OpenLane {
  readonly name: string;
  readonly tracks: TaskTrack[];
  free: number;
}

/** Puts what tasks did on lanes: those of one name share one, as long as they do not overlap. */
export function layTimeline(history: History): Timeline {
  const lanes = new Lanes();
  for (const track of history.tracks()) lanes.add(track);
  const all = lanes.all();
  const latest = new Set(all.toSorted((one, other) => other.free - one.free).slice(0, lanesShown));
  const shown = all.filter((lane) => latest.has(lane)).map(toLane);
  return { lanes: shown, more: all.length - shown.length + lanes.refused, missed: history.missed };
}

class Lanes {
  readonly #byName = new Map<string, OpenLane[]>();
  /** How many tasks found no lane, as their name had enough of them. */
  refused = 0;

  add(track: TaskTrack): void {
    const name = unnamed.test(track.name) ? "task" : track.name;
    const lanes = this.#byName.get(name) ?? [];
    this.#byName.set(name, lanes);
    let lane = lanes.find(({ free }) => free + gap <= track.start);
    if (lane === undefined && lanes.length === lanesOfOneName) this.refused++;
    else if (lane === undefined) lanes.push((lane = { name, tracks: [], free: 0 }));
    lane?.tracks.push(track);
    if (lane !== undefined) lane.free = track.end ?? Infinity;
  }

  /** All of them, in the order in which they began. */
  all(): OpenLane[] {
    return [...this.#byName.values()].flat().sort((one, other) => one.tracks[0]!.id - other.tracks[0]!.id);
  }
}

function toLane({ name, tracks }: OpenLane): Lane {
  const since = performance.now() - historyLength;
  const spans = tracks.flatMap((track) => spansOf(track, since));
  return { name, id: tracks[0]!.id, tasks: tracks.length, spans: spans.slice(-spansShown) };
}

function spansOf(track: TaskTrack, since: number): LaneSpan[] {
  const { outcome, spans } = track;
  const last = spans.at(-1);
  return spans
    .filter(({ end }) => end === undefined || end >= since)
    .map((span) => ({
      state: span === last && (outcome === "cancelled" || outcome === "failed") ? outcome : span.state,
      start: toEpoch(span.start),
      end: span.end === undefined ? undefined : toEpoch(span.end),
      resource: span.resource,
    }));
}

function toEpoch(time: number): number {
  return Math.round(performance.timeOrigin + time);
}
