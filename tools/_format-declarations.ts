// Declarations as the reference shows them: doc comments of members cut to one sentence, in the repository's format.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Declaration } from "./_declarations.ts";
import { withoutStars } from "./_declarations.ts";
import { defaultOf, firstSentence } from "./_doc-sentence.ts";
import { root } from "./_repository.ts";

const WIDTH = 110;

/**
 * The texts of declarations, formatted by one run of oxfmt.
 *
 * @throws {Error} If oxfmt cannot read them; its message is what oxfmt said.
 */
export function formatDeclarations(declarations: readonly Declaration[]): Map<Declaration, string> {
  const marked = declarations.map(({ text }, index) => `${markOf(index)}\ndeclare ${shortened(text)}\n`).join("\n");
  const parts = format(marked)
    .split(/^\/\/§ \d+\n/m)
    .slice(1);
  if (parts.length !== declarations.length) throw new Error("Cannot format declarations as some were lost");
  return new Map(declarations.map((each, index) => [each, parts[index]!.trim().replace(/^declare /, "")]));
}

function markOf(index: number): string {
  return `//§ ${index}`;
}

/** A declaration whose members say no more than their first sentences and defaults. */
function shortened(text: string): string {
  return text.replace(/^([ \t]*)\/\*\*[\s\S]*?\*\/[ \t]*\n?/gm, (comment, indent: string) => {
    const inner = withoutStars(comment);
    const value = defaultOf(inner);
    const parts = [firstSentence(inner), value === undefined ? "" : `@default ${value}`].filter((part) => part !== "");
    return parts.length === 0 ? "" : `${indent}${commentOf(parts, indent)}\n`;
  });
}

/** A comment of one line, if that is wide enough; otherwise each part begins a line. */
function commentOf(parts: readonly string[], indent: string): string {
  const line = `/** ${parts.join(" ")} */`;
  if (line.length + indent.length <= WIDTH) return line;
  const lines = parts.flatMap((part) => wrapped(part, WIDTH - indent.length - 3));
  return `/**\n${lines.map((each) => `${indent} * ${each}`).join("\n")}\n${indent} */`;
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length + 1 > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

function format(source: string): string {
  const args = [join(root, "node_modules", "oxfmt", "bin", "oxfmt"), "--stdin-filepath", "reference.d.ts"];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, input: source, encoding: "utf8" });
  if (status !== 0) throw new Error(`Cannot format declarations:\n${stderr}`);
  return stdout;
}
