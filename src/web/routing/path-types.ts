/**
 * The types that the compiler makes of a path literal: of `"/todos/<int:id>"` the argument type `{ id: number }`, and of
 * a malformed path a type error that says why. The same grammar is read at run time in `path-pattern.ts`;
 * a test holds the two together.
 *
 *     path      = "/" ( text | parameter )*
 *     parameter = "<" [ converter [ "(" arguments ")" ] ":" ] name ">"
 */

/** A value that a path parameter can have. */
export type PathValue = string | number;

/** The names of the converters. */
export type ConverterName = "string" | "int" | "float" | "path" | "uuid" | "any";

/**
 * The arguments that a view gets for a path: one property for each of its parameters.
 *
 * @example
 * import type { PathArguments } from "pottle";
 * type Arguments = PathArguments<"/files/<int:id>/<path:name>">; // { id: number; name: string }
 */
export type PathArguments<Path extends string> = string extends Path
  ? Record<string, PathValue>
  : { [Entry in Parameters<Path> as Entry[2]]: ConvertedValue<Entry[0], Entry[1]> };

/**
 * The path itself if it is right; otherwise a string type that says what is wrong, which no path is assignable to.
 *
 * @example
 * import type { CheckedPath } from "pottle";
 * type Wrong = CheckedPath<"/todos/<itn:id>">; // "unknown converter 'itn' in '<itn:id>'"
 */
export type CheckedPath<Path extends string> = string extends Path
  ? Path
  : Path extends `/${string}`
    ? CheckedRest<Path, Path, never>
    : `a path must begin with '/': '${Path}'`;

/**
 * The path of a route of a blueprint, as {@link CheckedPath} for the path with the blueprint's prefix before it.
 *
 * @example
 * import type { CheckedRoute } from "pottle";
 * type Wrong = CheckedRoute<"/<org>", "/<org>">; // "the name 'org' is used twice in '/<org>/<org>'"
 */
export type CheckedRoute<Prefix extends string, Path extends string> = string extends Path
  ? Path
  : Prefix extends ""
    ? CheckedPath<Path>
    : Path extends "" | `/${string}`
      ? CheckedPath<JoinedPath<Prefix, Path>> extends JoinedPath<Prefix, Path>
        ? Path
        : CheckedPath<JoinedPath<Prefix, Path>>
      : `a path must begin with '/': '${Path}'`;

/**
 * The prefix of a blueprint itself if it is right; otherwise a string type that says what is wrong.
 *
 * @example
 * import type { CheckedPrefix } from "pottle";
 * type Wrong = CheckedPrefix<"/todos/">; // "a prefix must not end with '/': '/todos/'"
 */
export type CheckedPrefix<Prefix extends string> = Prefix extends ""
  ? ""
  : Prefix extends `${string}/`
    ? `a prefix must not end with '/': '${Prefix}'`
    : CheckedPath<Prefix>;

/** A path with a prefix before it; just a string, if one of them is not known. */
export type JoinedPath<Prefix extends string, Path extends string> = string extends Prefix
  ? string
  : string extends Path
    ? string
    : `${Prefix}${Path}`;

type CheckedRest<
  Path extends string,
  Rest extends string,
  Seen extends string,
> = Rest extends `${infer Text}<${infer Tail}`
  ? Text extends `${string}>${string}`
    ? UnopenedMessage<Path>
    : Tail extends `${infer Inside}>${infer Next}`
      ? CheckedParameter<Path, Inside, Next, Seen>
      : `'<' is never closed in '${Path}'`
  : Rest extends `${string}>${string}`
    ? UnopenedMessage<Path>
    : Path;

type CheckedParameter<
  Path extends string,
  Inside extends string,
  Next extends string,
  Seen extends string,
> = Inside extends `${string}<${string}`
  ? `'<' is never closed in '${Path}'`
  : Parameter<Inside> extends [infer Converter extends string, string, infer Name extends string]
    ? Converter extends ConverterName
      ? Name extends ""
        ? `a parameter has no name: '<${Inside}>'`
        : Name extends Seen
          ? `the name '${Name}' is used twice in '${Path}'`
          : CheckedRest<Path, Next, Seen | Name>
      : `unknown converter '${Converter}' in '<${Inside}>'`
    : never;

type UnopenedMessage<Path extends string> = `'>' has no '<' before it in '${Path}'`;

/** All parameters of a path as a union of [converter, arguments, name]. */
type Parameters<Path extends string> = Path extends `${string}<${infer Inside}>${infer Rest}`
  ? Parameter<Inside> | Parameters<Rest>
  : never;

type Parameter<Inside extends string> = Inside extends `${infer Converter}(${infer Arguments}):${infer Name}`
  ? [converter: Converter, arguments: Arguments, name: Name]
  : Inside extends `${infer Converter}:${infer Name}`
    ? [converter: Converter, arguments: "", name: Name]
    : [converter: "string", arguments: "", name: Inside];

type ConvertedValue<Converter extends string, Arguments extends string> = Converter extends "int" | "float"
  ? number
  : Converter extends "any"
    ? Items<Trim<Arguments>>
    : string;

/** The items of `a, b, "c,d"` as a union of literals. */
type Items<List extends string> = List extends ""
  ? never
  : List extends `"${infer Quoted}"${infer Rest}`
    ? Quoted | Items<AfterComma<Trim<Rest>>>
    : List extends `${infer First},${infer Rest}`
      ? Trim<First> | Items<Trim<Rest>>
      : List;

type AfterComma<Text extends string> = Text extends `,${infer Rest}` ? Trim<Rest> : Text;

type Trim<Text extends string> = Text extends ` ${infer Rest}` | `${infer Rest} ` ? Trim<Rest> : Text;
