// The rooms check: within a floor, folders are rooms, and walls stand between those of asyncio.
//
//   core/                        The runtime. It knows no other room, and its files may know each other in circles.
//   sync/ combine/ iterate/ …    Written against core/index.ts alone, as a driver is. Other doors: OPEN_DOORS.
//   web/errors/ … web/app/       A ladder: a room imports lower rooms only. See LADDERS.
//   every folder of src/         At most 25 source files, and no circle of imports, type imports included.
//
// Tests may look anywhere. What broke a rule before the rule came is listed in EXCEPTIONS; an entry that is no longer
// needed is reported, so that the list only shrinks.

import { posix } from "node:path";
import type { Import } from "./_imports.ts";
import { isTest } from "./_repository.ts";
import type { Violation } from "./floors.ts";

/** The imports of each file, by its path relative to the repository. */
export type ImportGraph = ReadonlyMap<string, readonly Import[]>;

/** The largest number of source files in one folder; tests are not counted. */
export const ROOM_LIMIT = 25;

/** Something that breaks a rule and is known to. */
export interface Exception {
  /** Which rule it breaks: the size of a folder, the walls between rooms, or the absence of circles. */
  readonly rule: "size" | "wall" | "circle";
  /** The folder (size), the importing file and the file that it imports (wall), or the files of the circle. */
  readonly files: readonly string[];
  /** Why it is accepted for now. */
  readonly reason: string;
}

const UNCUT = "not yet cut into rooms";

/** What breaks a rule today. */
export const EXCEPTIONS: readonly Exception[] = [
  wall("subprocess/create-subprocess.ts", "streams/_once.ts", "moves to the public face of streams"),
  wall("subprocess/process.ts", "streams/_feed.ts", "moves to the public face of streams"),
  wall("subprocess/process.ts", "streams/errors.ts", "moves to the public face of streams"),
  wall("subprocess/process.ts", "streams/stream-reader.ts", "moves to the public face of streams"),
  wall("subprocess/process.ts", "streams/stream-writer.ts", "moves to the public face of streams"),
  circle("src/http", ["application.ts", "errors.ts"]),
  circle("src/data/mongodb/testing", ["admin-commands.ts", "commands.ts", "read-commands.ts", "write-commands.ts"]),
];

function wall(from: string, to: string, reason: string): Exception {
  return { rule: "wall", files: [`src/asyncio/${from}`, `src/asyncio/${to}`], reason };
}

function circle(folder: string, names: readonly string[]): Exception {
  return { rule: "circle", files: names.map((name) => `${folder}/${name}`), reason: UNCUT };
}

/** Something that breaks a rule, with what an exception would have to name. */
interface Finding extends Violation {
  readonly rule: Exception["rule"];
  readonly files: readonly string[];
}

/** Checks the rooms of a repository; returns what breaks a rule, and the exceptions that nothing needs any more. */
export function checkRooms(graph: ImportGraph, exceptions: readonly Exception[] = EXCEPTIONS): Violation[] {
  const findings = [...checkWalls(graph), ...checkSizes(graph), ...checkCircles(graph)];
  const needed = new Set<Exception>();
  const violations: Violation[] = [];
  for (const finding of findings) {
    const exception = exceptions.find((entry) => covers(entry, finding));
    if (exception === undefined) violations.push({ file: finding.file, line: finding.line, reason: finding.reason });
    else needed.add(exception);
  }
  return [...violations, ...exceptions.filter((entry) => !needed.has(entry)).map(staleness)];
}

/** Whether `exception` names everything that `finding` consists of: a circle that grew is a new finding. */
function covers(exception: Exception, finding: Finding): boolean {
  if (exception.rule !== finding.rule) return false;
  return finding.files.every((file) => exception.files.includes(file));
}

function staleness({ rule, files }: Exception): Violation {
  const reason = `the exception of rule "${rule}" for ${files.join(" → ")} is no longer needed: remove it`;
  return { file: "tools/_rooms.ts", line: 1, reason };
}

function checkWalls(graph: ImportGraph): Finding[] {
  return [...graph].flatMap(([file, imports]) => {
    if (isTest(file)) return [];
    return imports.flatMap(({ specifier, line }) => {
      if (!specifier.startsWith(".")) return [];
      const target = posix.join(posix.dirname(file), specifier);
      const reason = wallReason(file, target) ?? ladderReason(file, target);
      return reason === undefined ? [] : [{ rule: "wall" as const, files: [file, target], file, line, reason }];
    });
  });
}

/** The index files that a room of asyncio may import, besides core's. `run` loads debug mode when it is asked for. */
const OPEN_DOORS: Readonly<Record<string, readonly string[]>> = {
  run: ["src/asyncio/debug/index.ts"],
  subprocess: ["src/asyncio/streams/index.ts"],
};

/** Whether a room of asyncio may use another room's public face. */
export function isOpenDoor(file: string, target: string): boolean {
  return OPEN_DOORS[asyncioRoom(file) ?? ""]?.includes(target) === true;
}

const CORE = "src/asyncio/core/index.ts";

function wallReason(file: string, target: string): string | undefined {
  const [from, to] = [asyncioRoom(file), asyncioRoom(target)];
  if (from === undefined || to === undefined) return undefined;
  if (from === to) {
    return target === CORE ? `core's files import each other, not their own index: import the file` : undefined;
  }
  if (from === "core") return `core knows no other room: it may not import "${target}"`;
  if (target === CORE || isOpenDoor(file, target)) return undefined;
  return `rooms of asyncio know core/index.ts only: ${from} may not import "${target}"`;
}

/** The rooms of a floor, from the lowest to the highest; rooms of one height do not know each other. */
const LADDERS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  web: [
    ["errors", "negotiation", "routing", "security", "jinja-syntax", "html", "config", "schedule"],
    ["message", "commands"],
    ["broadcast", "events", "websocket"],
    ["failure", "files", "jinja", "contexts"],
    ["contracts", "templates", "logging"],
    ["sessions"],
    ["dispatch", "testing"],
    ["app", "auth", "limits", "middleware"],
    ["contract-routes", "openapi", "typed-client"],
  ],
};

function ladderReason(file: string, target: string): string | undefined {
  const [from, to] = [placeOf(file), placeOf(target)];
  const ladder = LADDERS[from.floor];
  // The index of the floor, and files beside it, stand on top.
  if (ladder === undefined || from.floor !== to.floor || from.room === to.room || from.room === undefined)
    return undefined;
  const [height, other] = [from, to].map(({ room = "" }) => ladder.findIndex((rooms) => rooms.includes(room)));
  if (height === -1) return `"${from.room}" is not a known room of ${from.floor}: add it to tools/_rooms.ts`;
  if (other !== -1 && other! < height!) return undefined;
  return `rooms of ${from.floor} know lower ones only: ${from.room} may not import "${target}"`;
}

function placeOf(file: string): { readonly floor: string; readonly room: string | undefined } {
  const [, floor = "", room] = /^src\/([^/]+)\/(?:([^/]+)\/)?/.exec(file) ?? [];
  return { floor, room };
}

/** The room of a file in `src/asyncio/`; `undefined` for the floor's own index and for other floors. */
function asyncioRoom(file: string): string | undefined {
  return /^src\/asyncio\/([^/]+)\//.exec(file)?.[1];
}

function checkSizes(graph: ImportGraph): Finding[] {
  const folders = Map.groupBy(sources(graph), (file) => posix.dirname(file));
  return [...folders].flatMap(([folder, { length }]) => {
    if (length <= ROOM_LIMIT) return [];
    const reason = `a folder holds at most ${ROOM_LIMIT} source files, and this one ${length}: cut it into rooms`;
    return [{ rule: "size" as const, files: [folder], file: folder, line: 1, reason }];
  });
}

function checkCircles(graph: ImportGraph): Finding[] {
  return findCircles(graph).flatMap((circled) => {
    if (circled.every((file) => asyncioRoom(file) === "core") || !tiesByType(graph, circled)) return [];
    const [file = ""] = circled;
    const names = circled.map((name) => posix.relative("src", name)).join(", ");
    const line = graph.get(file)?.find((entry) => circled.includes(targetOf(file, entry)))?.line ?? 1;
    const reason = `imports and type imports form a circle: ${names}`;
    return [{ rule: "circle" as const, files: circled, file, line, reason }];
  });
}

/** Whether type imports take part: circles of static imports are reported by the floors check already. */
function tiesByType(graph: ImportGraph, circled: readonly string[]): boolean {
  return circled.some((file) =>
    graph.get(file)?.some((entry) => entry.kind === "type" && circled.includes(targetOf(file, entry))),
  );
}

function targetOf(file: string, { specifier }: Import): string {
  return posix.join(posix.dirname(file), specifier);
}

function sources(graph: ImportGraph): string[] {
  return [...graph.keys()].filter((file) => file.startsWith("src/") && !isTest(file));
}

/** The sets of files of which each reaches every other by imports other than `import()`, in order (Tarjan). */
function findCircles(graph: ImportGraph): string[][] {
  const circles: string[][] = [];
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const finished = new Set<string>();
  const lower = (file: string, to: number): void => void lowest.set(file, Math.min(lowest.get(file) ?? to, to));
  const visit = (file: string): void => {
    const index = order.size;
    order.set(file, index);
    lower(file, index);
    stack.push(file);
    for (const target of neighbours(graph, file)) {
      if (!order.has(target)) visit(target);
      if (!finished.has(target)) lower(file, lowest.get(target) ?? index);
    }
    if (lowest.get(file) !== index) return;
    const members = stack.splice(stack.indexOf(file)).sort();
    for (const member of members) finished.add(member);
    if (members.length > 1) circles.push(members);
  };
  for (const file of sources(graph)) if (!order.has(file)) visit(file);
  return circles;
}

function neighbours(graph: ImportGraph, file: string): string[] {
  const imports = graph.get(file)?.filter(({ kind, specifier }) => kind !== "lazy" && specifier.startsWith("."));
  return (imports ?? []).map((entry) => targetOf(file, entry)).filter((target) => graph.has(target));
}

/** A Markdown table of the rooms of `src/`: how many files each holds, and which rooms know which. */
export function roomTable(graph: ImportGraph): string {
  const rooms = Map.groupBy(sources(graph), roomOf);
  const arrows = [...rooms].map(([room, names]) => [room, names.flatMap((file) => roomsKnown(graph, file))] as const);
  const rows = arrows.map(([room, known]) => {
    const into = arrows.reduce((sum, [, targets]) => sum + targets.filter((target) => target === room).length, 0);
    const cells = [room, rooms.get(room)?.length, known.length, into, [...new Set(known)].sort().join(", ") || "–"];
    return `| ${cells.join(" | ")} |`;
  });
  const heading = ["| room | files | imports out | imports in | knows |", "| --- | --: | --: | --: | --- |"];
  return [...heading, ...rows.sort()].join("\n");
}

/** The other rooms whose files `file` imports, once for each import. */
function roomsKnown(graph: ImportGraph, file: string): string[] {
  const targets = (graph.get(file) ?? []).filter(({ specifier }) => specifier.startsWith("."));
  return targets.map((entry) => roomOf(targetOf(file, entry))).filter((room) => room !== roomOf(file));
}

function roomOf(file: string): string {
  return posix.dirname(posix.relative("src", file));
}
