// What tasks did, on lanes. A request and the tasks that belong to it are a group: its own lane first, theirs below it.
// Tasks of one name that follow each other share a lane, and so do whole requests: a request that comes every second is
// one group, not sixty. Everything is bounded: lanes of one name, lanes, and spans of a lane.

import type { TaskReference } from "../../asyncio/index.ts";
import { type History, historyLength } from "../record/history.ts";
import type { Span, TaskTrack } from "../record/task-track.ts";
import { type Row, Shelf, type Stretch } from "./shelf.ts";

/** A piece of a lane. */
export interface LaneSpan {
  readonly state: Span["state"] | "cancelled" | "failed";
  /** In milliseconds since 1970. */
  readonly start: number;
  /** `undefined` while it lasts. */
  readonly end: number | undefined;
  /** The resource that was waited for. */
  readonly resource: string | undefined;
  /** Why the task was asked to stop, or the error that it ended by. */
  readonly why: string | undefined;
  /** The number of the task. */
  readonly task: number;
}

/** A line of the timeline: tasks of one name that followed each other. */
export interface Lane {
  readonly name: string;
  /** The number of the first of them. */
  readonly id: number;
  /** The request that the first of them belongs to; `undefined` for a request itself, and for a task that has none. */
  readonly request: TaskReference | undefined;
  /** How far it is indented below the first lane of its group. */
  readonly depth: number;
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
  /**
   * When the earliest request began of those within the last minute, in milliseconds since 1970; of all tasks, if there
   * was no request.
   */
  readonly since: number | undefined;
}

const lanesShown = 40;
const spansShown = 120;
const deepest = 3;
/** The shortest time that is shown, in milliseconds. */
const shortest = 5_000;
// Tasks without a name of their own share their lanes.
const unnamed = /^Task-\d+$/;

/** Puts what tasks did on lanes, grouped by the request that they belong to. */
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

/** A request, or another task that belongs to none, with the tasks that belong to it. */
interface Family extends Stretch {
  readonly name: string;
  /** The number of the first of its tasks. */
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

// What has run for long would make every request a speck, so that requests decide, where there are any.
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
