// Arranges the recorded spans of tasks in lanes. A request and its tasks form a group: the lane of the request first,
// then those of its tasks. Tasks with the same name that do not overlap share a lane, and so do whole requests: a
// request that comes every second is one group, not sixty. The number of lanes with one name, of lanes in total, and of
// spans in a lane is limited.

import type { TaskReference } from "../../asyncio/index.ts";
import { type History, historyLength } from "../record/history.ts";
import type { Span, TaskTrack } from "../record/task-track.ts";
import { type Row, Shelf, type Stretch } from "./shelf.ts";

/** A span on a lane. */
export interface LaneSpan {
  readonly state: Span["state"] | "cancelled" | "failed";
  /** The beginning, in milliseconds since 1970. */
  readonly start: number;
  /** The end; `undefined` while the span lasts. */
  readonly end: number | undefined;
  /** The resource that the task waited for. */
  readonly resource: string | undefined;
  /** The reason of the cancellation, or the error that the task ended with. */
  readonly why: string | undefined;
  /** The number of the task. */
  readonly task: number;
}

/** A line of the timeline: tasks with the same name that do not overlap. */
export interface Lane {
  readonly name: string;
  /** The number of the first task of the lane. */
  readonly id: number;
  /**
   * The request that the first task belongs to; `undefined` for a request itself, and for a task outside any request.
   */
  readonly request: TaskReference | undefined;
  /** The indentation below the first lane of the group. */
  readonly depth: number;
  /** The number of tasks in the lane. */
  readonly tasks: number;
  readonly spans: readonly LaneSpan[];
}

/** The lanes of the last minute. */
export interface Timeline {
  readonly lanes: readonly Lane[];
  /** The number of lanes and tasks that are not shown. */
  readonly more: number;
  /** The number of tasks that were not recorded. */
  readonly missed: number;
  /**
   * The beginning of the earliest request in the last minute, in milliseconds since 1970; if there was no request, that
   * of the earliest task.
   */
  readonly since: number | undefined;
}

const lanesShown = 40;
const spansShown = 120;
const deepest = 3;
/** The minimum length of the visible window, in milliseconds. */
const shortest = 5_000;
// Tasks without a name of their own share lanes.
const unnamed = /^Task-\d+$/;

/** Arranges the recorded spans in lanes, grouped by request. */
export function layTimeline(history: History): Timeline {
  const groups = new Shelf<Family>();
  for (const family of familiesOf(history.tracks())) groups.add(family.name, family);
  const laid = groups.rows().sort(byFirst).map(layGroup);
  const rows = laid.flatMap((group) => group.rows);
  const since = firstStart(rows);
  const all = rows.filter(({ free }) => since === undefined || free >= Math.min(since, performance.now() - shortest));
  const latest = new Set(all.toSorted((one, other) => other.free - one.free).slice(0, lanesShown));
  const shown = all.filter((row) => latest.has(row));
  const refused = laid.reduce((sum, group) => sum + group.refused, groups.refused);
  return {
    lanes: shown.map(toLane),
    more: all.length - shown.length + refused,
    missed: history.missed,
    since: since === undefined ? undefined : toEpoch(since),
  };
}

/** A request, or a task outside any request, with the tasks that belong to it. */
interface Family extends Stretch {
  readonly name: string;
  /** The number of its first task. */
  readonly id: number;
  readonly tracks: readonly TaskTrack[];
}

function familiesOf(tracks: readonly TaskTrack[]): Family[] {
  return [...Map.groupBy(tracks, ({ root }) => root.id).values()].map((members) => {
    const [first] = members;
    const ends = members.map(({ end = Infinity }) => end).reduce((one, other) => Math.max(one, other));
    const start = members.map((track) => track.start).reduce((one, other) => Math.min(one, other));
    const name = shortName(first!.root.name);
    return { name, id: first!.id, tracks: members, start, end: ends === Infinity ? undefined : ends };
  });
}

interface LaidGroup {
  readonly rows: readonly Row<TaskTrack>[];
  readonly refused: number;
}

function layGroup({ items }: Row<Family>): LaidGroup {
  const shelf = new Shelf<TaskTrack>();
  for (const { tracks } of items) {
    for (const track of tracks) shelf.add(`${track.depth} ${shortName(track.name)}`, track);
  }
  return { rows: shelf.rows().sort(byFirst), refused: shelf.refused };
}

function byFirst(one: Row<Stretch & { id: number }>, other: Row<Stretch & { id: number }>): number {
  return one.items[0]!.id - other.items[0]!.id;
}

function shortName(name: string): string {
  return unnamed.test(name) ? "task" : name;
}

// If there are requests, they determine the window, because with a task that has run for a long time, every request
// would be tiny.
function firstStart(rows: readonly Row<TaskTrack>[]): number | undefined {
  const minute = performance.now() - historyLength;
  const recent = rows.flatMap(({ items }) => items).filter(({ start }) => start >= minute);
  const requests = recent.filter(({ isOfRequest }) => isOfRequest);
  const starts = (requests.length > 0 ? requests : recent).map(({ start }) => start);
  return starts.length === 0 ? undefined : starts.reduce((one, other) => Math.min(one, other));
}

function toLane({ items }: Row<TaskTrack>): Lane {
  const since = performance.now() - historyLength;
  const spans = items.flatMap((track) => spansOf(track, since));
  const { id, name, root, isOfRequest, depth } = items[0]!;
  return {
    name: shortName(name),
    id,
    request: isOfRequest && root.id !== id ? root : undefined,
    depth: Math.min(depth, deepest),
    tasks: items.length,
    spans: spans.slice(-spansShown),
  };
}

function spansOf({ id, outcome, spans }: TaskTrack, since: number): LaneSpan[] {
  const last = spans.at(-1);
  return spans
    .filter(({ end }) => end === undefined || end >= since)
    .map((span) => ({
      state: span === last && (outcome === "cancelled" || outcome === "failed") ? outcome : span.state,
      start: toEpoch(span.start),
      end: span.end === undefined ? undefined : toEpoch(span.end),
      resource: span.resource,
      why: span.why,
      task: id,
    }));
}

function toEpoch(time: number): number {
  return Math.round(performance.timeOrigin + time);
}
