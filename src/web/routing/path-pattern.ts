import { cannot } from "../../base/refusal.ts";
import type { ConverterArguments } from "./_converter-settings.ts";
import { createConverter, type Converter, noConverters, type OwnConverters, type Separators } from "./converters.ts";

/** A parameter of a path. */
export interface PathParameter {
  /** The name under which the view gets its value. */
  readonly name: string;
  /** How it is written in the path, without `<` and `>`. */
  readonly literal: string;
  /** How its text is read and written. */
  readonly converter: Converter;
}

/** A path taken apart: static text as strings, parameters in between. */
export type PathPattern = readonly (string | PathParameter)[];

/** A path literal that cannot be read. */
export class PathSyntaxError extends SyntaxError {
  override readonly name = "PathSyntaxError";

  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(cannot("read the path", reason, path), options);
  }
}

const parameterSyntax = /^(?:(?<converter>[^:(]*)(?:\((?<args>.*)\))?:)?(?<name>[^:]*)$/s;
const nameSyntax = /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u;

/**
 * Takes a path literal such as `/todos/<int:id>` apart.
 *
 * @throws {PathSyntaxError} If it does not begin with `/`, has a `<` or `>` without the other, an unknown converter or
 *   a wrong argument for one, a name that is not an identifier, or the same name twice.
 * @see ./path-types.ts for the grammar, which the compiler checks as well.
 */
export function parsePath(path: string, own: OwnConverters = noConverters): PathPattern {
  if (!path.startsWith("/")) throw new PathSyntaxError(path, "it must begin with '/'");
  return parsePattern(path, own, "/");
}

/**
 * Takes a literal apart that has parameters, be it of a path or of a host.
 *
 * @throws {PathSyntaxError} As {@link parsePath} does.
 */
export function parsePattern(path: string, own: OwnConverters, separators: Separators): PathPattern {
  const pieces = path.split(/(<[^<>]*>)/).filter((piece) => piece !== "");
  const pattern = pieces.map((piece) =>
    /^<.*>$/s.test(piece) ? parseParameter(path, piece.slice(1, -1), own, separators) : checkText(path, piece),
  );
  checkNames(path, pattern);
  return pattern;
}

/**
 * Checks a prefix of paths: a path itself that does not end with a slash.
 *
 * @returns Whether it has parameters.
 * @throws {PathSyntaxError} If it is not a prefix.
 */
export function checkPrefix(prefix: string, own: OwnConverters = noConverters): boolean {
  const pattern = parsePath(prefix, own);
  if (prefix.endsWith("/")) throw new PathSyntaxError(prefix, "a prefix must not end with '/'");
  if (prefix.includes("//")) throw new PathSyntaxError(prefix, "a prefix has no slashes that follow each other");
  return parametersOf(pattern).length > 0;
}

/** The parameters of a pattern, in their order. */
export function parametersOf(pattern: PathPattern): PathParameter[] {
  return pattern.filter((piece) => typeof piece !== "string");
}

function checkText(path: string, text: string): string {
  if (text.includes("<")) throw new PathSyntaxError(path, "'<' is never closed");
  if (text.includes(">")) throw new PathSyntaxError(path, "'>' has no '<' before it");
  return text;
}

function parseParameter(path: string, inside: string, own: OwnConverters, separators: Separators): PathParameter {
  const { converter = "string", args = "", name = "" } = parameterSyntax.exec(inside)?.groups ?? {};
  if (!nameSyntax.test(name) || name === "__proto__") {
    throw new PathSyntaxError(path, `the name in '<${inside}>' must be an identifier`);
  }
  try {
    return { name, literal: inside, converter: createConverter(converter, parseArguments(args), own, separators) };
  } catch (cause) {
    throw new PathSyntaxError(path, `'<${inside}>' cannot be used (${(cause as Error).message})`, { cause });
  }
}

/** Reads `a, "b,c", min=1`. */
function parseArguments(text: string): ConverterArguments {
  const items: string[] = [];
  const named = new Map<string, string>();
  if (text.trim() === "") return { items, named };
  for (const [, name, quoted, plain = ""] of text.matchAll(/\s*(?:(\w+)\s*=)?\s*(?:"([^"]*)"|([^,]*))\s*(?:,|$)/gy)) {
    const value = quoted ?? plain.trim();
    if (name === undefined) items.push(value);
    else named.set(name, value);
  }
  // The expression can match nothing at the very end, which is not an item.
  if (items.at(-1) === "" && !text.trimEnd().endsWith(",")) items.pop();
  return { items, named };
}

/** @throws {PathSyntaxError} If two parameters have the same name, or one has that of a default. */
export function checkNames(path: string, pattern: PathPattern, defaults: readonly string[] = []): void {
  const seen = new Set<string>(defaults);
  for (const { name } of parametersOf(pattern)) {
    if (seen.has(name)) throw new PathSyntaxError(path, `the name '${name}' is used twice`);
    seen.add(name);
  }
}
