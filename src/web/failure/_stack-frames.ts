import { readFileSync, statSync } from "node:fs";
import { relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** A line of a stack trace. */
export interface StackFrame {
  /** The line as it stands there, without `at`. */
  readonly text: string;
  /** Whether it is code of the program: neither of Node nor of a package. */
  readonly isOwn: boolean;
  /** The lines around, where they can be read. */
  readonly source: SourceExcerpt | undefined;
}

/** Some lines of a file. */
export interface SourceExcerpt {
  /** The file, relative to the folder of the program. */
  readonly file: string;
  /** The number of the line that ran. */
  readonly line: number;
  /** The number of the first of `lines`. */
  readonly first: number;
  readonly lines: readonly string[];
}

/** The number of lines that are shown before and after the one that ran. */
const around = 4;
const maxFrames = 50;
const maxExcerpts = 6;
const maxFileSize = 2_000_000;

/**
 * Reads the stack of an error. Files are read only if they are source code within `folder`, as a line of a stack may be
 * anything: a message can contain one.
 */
export function readStack(error: Error, folder: string): StackFrame[] {
  let excerpts = 0;
  return linesOf(error).map((text) => {
    const place = placeOf(text, folder);
    const source = place !== undefined && excerpts < maxExcerpts ? readExcerpt(place) : undefined;
    if (source !== undefined) excerpts++;
    return { text, isOwn: place !== undefined, source };
  });
}

function linesOf({ stack }: Error): string[] {
  const lines = typeof stack === "string" ? stack.split("\n") : [];
  const frames = lines.filter((line) => /^\s+at\s/.test(line));
  return frames.slice(0, maxFrames).map((line) => line.trim().slice("at ".length));
}

interface Place {
  readonly path: string;
  readonly file: string;
  readonly line: number;
}

function placeOf(text: string, folder: string): Place | undefined {
  const [, url, line] = /(?:\(|^|\s)((?:file:\/\/|\/|[A-Za-z]:\\)[^()]*?):(\d+):\d+\)?$/.exec(text) ?? [];
  if (url === undefined) return undefined;
  const path = toPath(url);
  const file = path === undefined ? ".." : relative(folder, path);
  const isOwn = !file.startsWith("..") && !file.split(sep).includes("node_modules") && /\.[cm]?[jt]sx?$/.test(file);
  return isOwn && path !== undefined ? { path, file, line: Number(line) } : undefined;
}

function toPath(url: string): string | undefined {
  if (!url.startsWith("file:")) return url;
  try {
    return fileURLToPath(url);
  } catch {
    // Not one of this machine's.
    return undefined;
  }
}

function readExcerpt({ path, file, line }: Place): SourceExcerpt | undefined {
  const content = readSource(path);
  if (content === undefined) return undefined;
  const all = content.split("\n");
  const first = Math.max(1, line - around);
  const lines = all.slice(first - 1, line + around);
  return line <= all.length ? { file, line, first, lines } : undefined;
}

function readSource(path: string): string | undefined {
  try {
    const stats = statSync(path);
    return stats.isFile() && stats.size <= maxFileSize ? readFileSync(path, "utf8") : undefined;
  } catch {
    // It was moved or removed since it was loaded: then the line stands there alone.
    return undefined;
  }
}
