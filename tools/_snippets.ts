// Finds the code that readers are shown: ```ts blocks of Markdown, and the @example of doc comments.

import { lineAt } from "./_imports.ts";

/** One piece of code that a reader may copy. */
export interface Snippet {
  /** The file that shows it, relative to the repository. */
  readonly file: string;
  /** The line on which its code begins, counted from 1. */
  readonly line: number;
  /** The code, without what surrounds it. */
  readonly code: string;
  /** Whether it is only type-checked, because it serves for ever or needs something from outside. */
  readonly noRun: boolean;
}

const BLOCK = /^(?<indent>[ \t]*)```ts(?<info>[^\n]*)\n(?<code>[\s\S]*?)^[ \t]*```[ \t]*$/gm;
const DOC_COMMENT = /\/\*\*[\s\S]*?\*\//g;
const EXAMPLE = /@example[^\n]*\n(?<body>[\s\S]*?)(?=^@\w|$(?![\s\S]))/gm;

/** The ```ts blocks of a Markdown file. ```ts no-run marks one that is only type-checked. */
export function markdownSnippets(file: string, markdown: string): Snippet[] {
  return [...markdown.matchAll(BLOCK)].map(({ index, groups = {} }) => ({
    file,
    line: lineAt(markdown, index) + 1,
    code: dedent(groups["code"] ?? "", groups["indent"] ?? ""),
    noRun: /\bno-run\b/.test(groups["info"] ?? ""),
  }));
}

/** The examples of a source's doc comments; each is bare code, or one or more ```ts blocks amid prose. */
export function docSnippets(file: string, source: string): Snippet[] {
  return [...source.matchAll(DOC_COMMENT)].flatMap(({ 0: comment, index }) => {
    const text = comment.split("\n").map(withoutStar).join("\n");
    const start = lineAt(source, index);
    return [...text.matchAll(EXAMPLE)].flatMap((example) => {
      const body = example.groups?.["body"] ?? "";
      const line = start + lineAt(text, example.index);
      return body.includes("```") ? fenced(file, body, line) : bare(file, body, line);
    });
  });
}

function fenced(file: string, body: string, line: number): Snippet[] {
  return markdownSnippets(file, body).map((snippet) => ({ ...snippet, line: line + snippet.line - 1 }));
}

function bare(file: string, body: string, line: number): Snippet[] {
  const code = body.replace(/\s+$/, "\n");
  return code.trim() === "" ? [] : [{ file, line, code, noRun: false }];
}

/** A line of a doc comment without its star and what ends the comment. */
function withoutStar(line: string): string {
  return line.replace(/\s*\*\/\s*$/, "").replace(/^\s*(?:\/\*\*|\*) ?/, "");
}

function dedent(code: string, indent: string): string {
  return indent === "" ? code : code.replaceAll(new RegExp(`^${indent}`, "gm"), "");
}
