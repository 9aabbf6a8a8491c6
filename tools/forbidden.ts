// What may not come back: patterns that were removed from the sources for a reason, each with the files that may still
// hold it. An allowance that nothing needs any more is reported, so that the lists only shrink.
//
//   npm run forbidden

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { files, isMain, isTest, root } from "./_repository.ts";
import type { Violation } from "./floors.ts";

/** One pattern that may not come back. */
export interface Rule {
  /** What the pattern is, in a few words. */
  readonly name: string;
  readonly pattern: RegExp;
  /** The part of a line that is searched. */
  readonly in: "code" | "comments";
  /** The folder that the rule holds for. */
  readonly under: string;
  /** Why the pattern was removed, and what to write in its place. */
  readonly reason: string;
  /** Files, or folders that end with a slash, that may hold it; each with the reason. */
  readonly allowed: Readonly<Record<string, string>>;
}

const UNADOPTED = "its room has not adopted src/base yet";

/** The folders with comments that were rewritten in plain English. */
const SWEPT = [
  "src/base/",
  "src/asyncio/",
  "src/http/",
  "src/server/",
  "src/client/",
  "src/crawl/",
  "src/inspect/",
  "src/data/shared/",
  "src/data/redis/",
  "src/data/postgres/",
  "src/data/mongodb/",
  "src/cli/",
];

/** What may not come back into `src/`. Tests and fixtures may hold anything. */
export const RULES: readonly Rule[] = [
  {
    name: "planted faults",
    pattern: /\bhasFault\b/,
    in: "code",
    under: "src/",
    reason: "test sabotage never ships: plant the mistake in test/mutations, by editing source",
    allowed: {},
  },
  {
    name: "a process-wide key",
    pattern: /Symbol\.for\(["'`]pottle/,
    in: "code",
    under: "src/",
    reason: "process-wide state has one record: ask ambient() for a slot of it",
    allowed: {
      "src/asyncio/core/state/share-class.ts": "brands of classes, shared by copies of the package",
      "src/web/app/pottle.ts": "the brand of applications, shared by copies of the package",
      "src/web/html/_html-render.ts": "the brand of safe HTML, shared by copies of the package",
    },
  },
  {
    name: "state that copies of the package do not share",
    pattern:
      /^(?:export )?(?:let \w|const \w+(?:: (?!Readonly)[^=]+)? = (?:new (?:Map|Set|Weak\w+|Finalization\w+)\b|\[\];))/,
    in: "code",
    under: "src/asyncio/",
    reason: "ask ambient() for a slot, unless it matters to this copy alone",
    allowed: {
      "src/asyncio/core/tasks/awaitable.ts": "what one constructor leaves for the next line",
      "src/asyncio/core/waits/park.ts": "what one constructor leaves for the next line",
      "src/asyncio/core/scopes/delivery.ts": "what was taken in this step; each copy ends its own",
      "src/asyncio/core/scopes/rejection.ts": "what one look leaves for its next line",
      "src/asyncio/core/state/context-var.ts": "an empty map",
      "src/asyncio/core/scopes/scope-signal.ts": "each signal is read by the copy that made it",
      "src/asyncio/debug/slow-step-worker.ts": "the state of a worker thread",
      "src/asyncio/subprocess/_running.ts": "each copy kills what it started",
      "src/asyncio/threads/_thread-worker.ts": "the state of a worker thread",
      "src/asyncio/combine/as-completed.ts": "the collector of this copy's objects",
      "src/asyncio/core/waits/deadlock.ts": "the searches that this copy has under way",
      "src/asyncio/core/waits/orphans.ts": "the collector of this copy's objects",
    },
  },
  {
    name: "shift() on an array",
    pattern: /\.shift\(\)/,
    in: "code",
    under: "src/",
    reason: "above 50,000 entries it moves all others: use base/ring-buffer.ts or base/linked-list.ts",
    allowed: {
      "src/data/postgres/session-pool.ts": "at most as many as the pool has sessions",
      "src/data/redis/subscription.ts": "reading pauses at the high-water mark",
      "src/http/byte-pipe.ts": "writing pauses at the high-water mark",
      "src/inspect/record/cancellation-log.ts": "bounded by its capacity",
    },
  },
  {
    name: "a refusal by hand",
    pattern: /current value is/,
    in: "code",
    under: "src/",
    reason: "cannot(), wrongType(), outOfRange() and option() of src/base give refusals their one form",
    allowed: {
      "src/base/refusal.ts": "the form itself",
      "src/asyncio/core/": UNADOPTED,
      "src/asyncio/sync/": UNADOPTED,
      "src/asyncio/combine/": UNADOPTED,
      "src/asyncio/iterate/": UNADOPTED,
      "src/asyncio/threads/": UNADOPTED,
      "src/asyncio/streams/": UNADOPTED,
      "src/asyncio/debug/": UNADOPTED,
      "src/asyncio/testing/": UNADOPTED,
      "src/cli/": "usage errors name the command and the option",
    },
  },
  {
    name: "a copy of what the ground floor has",
    pattern: /2 ?\*\* ?31\b|2_?147_?483_?647|\bfunction (?:show|codeOf|noop|nothing|ignore|doNothing|nothingGiven)\(/,
    in: "code",
    under: "src/",
    reason: "longestTimeout, show, codeOf and noop live in src/base",
    allowed: {
      "src/base/": "they live there",
      "src/asyncio/core/": UNADOPTED,
      "src/asyncio/run/": UNADOPTED,
      "src/asyncio/streams/": UNADOPTED,
    },
  },
  {
    name: "an error that is dropped",
    pattern: /\bcatch(?: ?\([^)]*\))? ?\{\s*\}/,
    in: "code",
    under: "src/",
    reason: "an error reaches somebody, or a comment in the block says why it need not",
    allowed: {},
  },
  {
    name: "`any`",
    pattern: /(?:: |<|\bas )any(?=[;,)>\]}]| [|&=])/,
    in: "code",
    under: "src/",
    reason: "say `unknown` and look",
    allowed: {},
  },
  ...SWEPT.map((under) => ({
    name: "persons for things",
    pattern: /\b(?:whoever|nobody|somebody)\b/i,
    in: "comments" as const,
    under,
    reason: "say caller, waiter, client, handler or task",
    allowed: under === "src/data/postgres/" ? { "src/data/postgres/embedded/": "the user `nobody` of the system" } : {},
  })),
];

/** Checks the sources in `folder`; returns each forbidden line, and the allowances that nothing needs any more. */
export function checkForbidden(folder: string = root, rules: readonly Rule[] = RULES): Violation[] {
  const sources = files(["src/**/*.ts"], folder).filter((file) => !isTest(file));
  const texts = sources.map((file) => [file, splitLines(readFileSync(join(folder, file), "utf8"))] as const);
  return rules.flatMap((rule) => checkRule(rule, texts));
}

type Texts = readonly (readonly [file: string, lines: readonly Line[]])[];

function checkRule({ name, pattern, in: part, under, reason, allowed }: Rule, texts: Texts): Violation[] {
  const needed = new Set<string>();
  const violations: Violation[] = [];
  for (const [file, lines] of texts) {
    if (!file.startsWith(under)) continue;
    const allowance = Object.keys(allowed).find((key) => file === key || (key.endsWith("/") && file.startsWith(key)));
    for (const [index, line] of lines.entries()) {
      if (!pattern.test(line[part])) continue;
      if (allowance === undefined) violations.push({ file, line: index + 1, reason: `${name}: ${reason}` });
      else needed.add(allowance);
    }
  }
  const stale = Object.keys(allowed).filter((key) => !needed.has(key));
  const message = (key: string): string => `${key} is allowed ${name} and needs it no more: remove the allowance`;
  return [...violations, ...stale.map((key) => ({ file: "tools/forbidden.ts", line: 1, reason: message(key) }))];
}

/** One line of source, cut into its code and its comment. */
interface Line {
  readonly code: string;
  readonly comments: string;
}

/** Cuts lines by their shape, without a parser: formatted comments begin their line, or follow code and a blank. */
function splitLines(source: string): Line[] {
  return source.split("\n").map((line) => {
    if (/^\s*(?:\/\/|\/\*|\*)/.test(line)) return { code: "", comments: line };
    const start = line.search(/(?<=\s)\/\/ /);
    return start === -1 ? { code: line, comments: "" } : { code: line.slice(0, start), comments: line.slice(start) };
  });
}

if (isMain(import.meta.url)) {
  const violations = checkForbidden();
  for (const { file, line, reason } of violations) console.error(`${file}:${line}: ${reason}`);
  if (violations.length > 0) process.exitCode = 1;
}
