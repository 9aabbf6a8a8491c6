// The floors check: imports go down only, and between floors only through a public face.
//
//   5 cli                       A floor may import the faces of every lower floor, never its own height:
//   4 connect, crawl, inspect,  server does not know client, although both stand on floor 2.
//     opentelemetry
//   3 web                       Inside a floor one imports the file itself, not the floor's own face.
//   2 client, server, data      Static imports form no cycle. Rooms within a floor: tools/_rooms.ts.
//   1 http
//   0 asyncio                   Programs in examples/ import the package by name, as its users do.
//  -1 base                      What every floor needs and no user sees: any file of it may be imported.
//
//   node tools/floors.ts            checks
//   node tools/floors.ts --table    prints the rooms and who knows whom, as a table for docs/design.md

import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { faces, files, isMain, isTest, root } from "./_repository.ts";
import { importsOf, type Import } from "./_imports.ts";
import { checkRooms, type Exception, EXCEPTIONS, type ImportGraph, isOpenDoor, roomTable } from "./_rooms.ts";

/** The height of each folder of `src/`. */
export const heights: Readonly<Record<string, number>> = {
  base: -1,
  asyncio: 0,
  http: 1,
  client: 2,
  server: 2,
  data: 2,
  web: 3,
  connect: 4,
  crawl: 4,
  opentelemetry: 4,
  inspect: 4,
  cli: 5,
};

/** Modules that open sockets, which floor 1 does without. */
const SOCKETS = new Set(["node:net", "node:tls", "node:http", "node:https", "node:http2", "node:dgram"]);

/** One import that breaks a rule. */
export interface Violation {
  /** The importing file, relative to the repository. */
  readonly file: string;
  /** The line of the import, counted from 1. */
  readonly line: number;
  /** What is wrong with it. */
  readonly reason: string;
}

/** Checks every file of `src/` and `examples/` in `folder`; returns what breaks a rule, in order of files. */
export function checkFloors(folder: string = root, exceptions: readonly Exception[] = []): Violation[] {
  const allowed = new Set(faces(folder).map((face) => face.file));
  const graph = readImports(folder);
  const violations = [...graph].flatMap(([file, imports]) =>
    imports.flatMap((entry) => violation(file, entry, allowed) ?? []),
  );
  return [...violations, ...findCycles(graph), ...checkRooms(graph, exceptions)];
}

function readImports(folder: string): ImportGraph {
  const graph = new Map<string, Import[]>();
  for (const file of files(["src/**/*.ts", "examples/**/*.ts"], folder)) {
    graph.set(file, importsOf(readFileSync(join(folder, file), "utf8")));
  }
  return graph;
}

function violation(file: string, entry: Import, allowed: ReadonlySet<string>): Violation | undefined {
  const reason = file.startsWith("examples/") ? exampleReason(file, entry) : sourceReason(file, entry, allowed);
  return reason === undefined ? undefined : { file, line: entry.line, reason };
}

function exampleReason(file: string, { specifier }: Import): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  const target = targetOf(file, specifier);
  return target.startsWith("examples/") ? undefined : `an example imports the package by name, not "${specifier}"`;
}

function sourceReason(file: string, entry: Import, allowed: ReadonlySet<string>): string | undefined {
  const height = heights[floorOf(file)];
  if (height === undefined) return `"${floorOf(file)}" is no known floor: add it to tools/floors.ts`;
  const { specifier } = entry;
  if (specifier.startsWith(".")) return relativeReason(file, targetOf(file, specifier), allowed);
  if (/^pottle(\/|$)/.test(specifier)) return `"${specifier}" would load a second copy: import the file`;
  if (isTest(file)) return undefined;
  if (height <= 0 && !specifier.startsWith("node:")) return `floor ${height} knows "node:" only, not "${specifier}"`;
  if (height === 1 && SOCKETS.has(specifier)) return `floor 1 opens no sockets, so it does not import "${specifier}"`;
  return undefined;
}

function relativeReason(file: string, target: string, allowed: ReadonlySet<string>): string | undefined {
  if (!target.startsWith("src/")) return isTest(file) ? undefined : `"${target}" lies outside src/`;
  const [from, to] = [floorOf(file), floorOf(target)];
  if (from === to) return ownFaceReason(file, target, allowed);
  const [fromHeight, toHeight] = [heights[from] ?? 0, heights[to]];
  if (toHeight === undefined) return `"${to}" is no known floor: add it to tools/floors.ts`;
  if (toHeight >= fromHeight) return `imports go down only: ${from} (${fromHeight}) may not know ${to} (${toHeight})`;
  return to === "base" || allowed.has(target)
    ? undefined
    : `"${target}" is no public face of ${to}: import its index.ts`;
}

function ownFaceReason(file: string, target: string, allowed: ReadonlySet<string>): string | undefined {
  if (isTest(file) || !allowed.has(target) || isOpenDoor(file, target)) return undefined;
  return `a face is imported from above only: import the file instead of "${target}"`;
}

function targetOf(file: string, specifier: string): string {
  return posix.join(posix.dirname(file), specifier);
}

/** The floor's folder: `asyncio` of `src/asyncio/streams/reader.ts`. */
function floorOf(file: string): string {
  return file.split("/")[1] ?? "";
}

/** Each cycle of static imports, reported once, at the import that closes it. */
function findCycles(graph: ImportGraph): Violation[] {
  const found: Violation[] = [];
  const finished = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    for (const { specifier, kind, line } of graph.get(file) ?? []) {
      const target = targetOf(file, specifier);
      if (kind !== "static" || !specifier.startsWith(".") || finished.has(target)) continue;
      const start = path.indexOf(target);
      if (start === -1) visit(target, [...path, target]);
      else found.push({ file, line, reason: `imports form a cycle: ${[...path.slice(start), target].join(" → ")}` });
    }
    finished.add(file);
  };
  for (const file of graph.keys()) if (!finished.has(file)) visit(file, [file]);
  return found;
}

if (isMain(import.meta.url) && process.argv[2] === "--table") console.log(roomTable(readImports(root)));
else if (isMain(import.meta.url)) {
  const missing = faces().filter((face) => !existsSync(join(root, face.file)));
  for (const { subpath, file } of missing) console.error(`package.json: "${subpath}" has no source file ${file}`);
  const violations = checkFloors(root, EXCEPTIONS);
  for (const { file, line, reason } of violations) console.error(`${file}:${line}: ${reason}`);
  if (violations.length > 0 || missing.length > 0) process.exitCode = 1;
}
