// Finds the imports of a TypeScript file by their shape, without a parser: in formatted code a static import or
// re-export begins its line, and every module name stands in double quotes. Lines of comments are passed over.

/** One import, re-export or dynamic import. */
export interface Import {
  /** The module as it is written, such as `../asyncio/index.ts`. */
  readonly specifier: string;
  /** The line on which the statement begins, counted from 1. */
  readonly line: number;
  /**
   * `static` runs the module first, `lazy` at some later time (`import()`, a worker's file), `type` never.
   * `import { type A }` is static: type stripping leaves `import {}`, which still runs the module.
   */
  readonly kind: "static" | "lazy" | "type";
}

const STATIC = /^(?:import|export)\b(?<clause>[^;"'`=(]*?)\bfrom\s*"(?<specifier>[^"]+)"/gm;
const BARE = /^import\s*"(?<specifier>[^"]+)"/gm;
const DYNAMIC = /^(?<before>(?![ \t]*(?:\*|\/\/)).*?)\bimport\(\s*"(?<specifier>[^"]+)"\s*\)/gm;
const WORKER = /^(?![ \t]*(?:\*|\/\/)).*?\bnew URL\(\s*"(?<specifier>[^"]+\.ts)",\s*import\.meta\.url\s*\)/gm;

/** The imports of a file, in the order of their lines. */
export function importsOf(source: string): Import[] {
  const found = [
    ...find(source, STATIC, ({ clause }) => (/^\s+type\s+[{*\w]/.test(clause ?? "") ? "type" : "static")),
    ...find(source, BARE, () => "static"),
    // A type such as `typeof import("x")` or `import("x").Name` stands after `typeof`, `extends` or punctuation.
    ...find(source, DYNAMIC, ({ before }) => (/(?:typeof|extends|[:<|&])\s*$/.test(before ?? "") ? "type" : "lazy")),
    ...find(source, WORKER, () => "lazy"),
  ];
  return found.sort((a, b) => a.line - b.line);
}

type Groups = Readonly<Record<string, string | undefined>>;

function find(source: string, pattern: RegExp, kindOf: (groups: Groups) => Import["kind"]): Import[] {
  return [...source.matchAll(pattern)].map(({ index, groups = {} }) => ({
    specifier: groups["specifier"] ?? "",
    line: lineAt(source, index),
    kind: kindOf(groups),
  }));
}

/** The line of an offset, counted from 1. */
export function lineAt(source: string, offset: number): number {
  return source.slice(0, offset).split("\n").length;
}
