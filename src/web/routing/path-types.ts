/**
 * The types that the compiler makes of a path literal: of `"/todos/<int:id>"` the argument type `{ id: number }`, and of
 * a malformed path a type error that says why. The same grammar is read at run time in `path-pattern.ts`;
 * a test holds the two together.
 *
 *     path      = "/" ( text | parameter )*
 *     parameter = "<" [ converter [ "(" arguments ")" ] ":" ] name ">"
 */

/** A value that a path parameter of a built-in converter can have. */
export type PathValue = string | number;

/** The names of the built-in converters. */
export type ConverterName = "string" | "int" | "float" | "path" | "uuid" | "any";

/** The values of an application's own converters by their names, if it has none. */
export type NoConverters = object;

/**
 * The arguments that a view gets for a path: one property for each of its parameters.
 *
 * @example
 * import type { PathArguments } from "pottle";
 * type Arguments = PathArguments<"/files/<int:id>/<path:name>">; // { id: number; name: string }
 */
export type PathArguments<Path extends string, Own = NoConverters> = string extends Path
  ? Record<string, PathValue>
  : { [Entry in Parameters<Path> as Entry[2]]: ConvertedValue<Entry[0], Entry[1], Own> };

/**
 * The path itself if it is right; otherwise a string type that says what is wrong, which no path is assignable to.
 *
 * @example
 * import type { CheckedPath } from "pottle";
 * type Wrong = CheckedPath<"/todos/<itn:id>">; // "unknown converter 'itn' in '<itn:id>'"
 */
export type CheckedPath<Path extends string, Own = NoConverters> = string extends Path
  ? Path
  : Path extends `/${string}`
    ? CheckedRest<Path, Path, never, Own>
    : `a path must begin with '/': '${Path}'`;

/**
 * The path of a route of a blueprint, as {@link CheckedPath} for the path with the blueprint's prefix before it.
 *
 * @example
 * import type { CheckedRoute } from "pottle";
 * type Wrong = CheckedRoute<"/<org>", "/<org>">; // "the name 'org' is used twice in '/<org>/<org>'"
 */
export type CheckedRoute<Prefix extends string, Path extends string, Own = NoConverters> = string extends Path
  ? Path
  : Prefix extends ""
    ? CheckedPath<Path, Own>
    : Path extends "" | `/${string}`
      ? CheckedPath<JoinedPath<Prefix, Path>, Own> extends JoinedPath<Prefix, Path>
        ? Path
        : CheckedPath<JoinedPath<Prefix, Path>, Own>
      : `a path must begin with '/': '${Path}'`;

/**
 * The prefix of a blueprint itself if it is right; otherwise a string type that says what is wrong.
 *
 * @example
 * import type { CheckedPrefix } from "pottle";
 * type Wrong = CheckedPrefix<"/todos/">; // "a prefix must not end with '/': '/todos/'"
 */
export type CheckedPrefix<Prefix extends string, Own = NoConverters> = Prefix extends ""
  ? ""
  : Prefix extends `${string}/`
    ? `a prefix must not end with '/': '${Prefix}'`
    : CheckedPath<Prefix, Own>;

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
  Own,
> = Rest extends `${infer Text}<${infer Tail}`
  ? Text extends `${string}>${string}`
    ? UnopenedMessage<Path>
    : Tail extends `${infer Inside}>${infer Next}`
      ? CheckedParameter<Path, Inside, Next, Seen, Own>
      : `'<' is never closed in '${Path}'`
  : Rest extends `${string}>${string}`
    ? UnopenedMessage<Path>
    : Path;

type CheckedParameter<
  Path extends string,
  Inside extends string,
  Next extends string,
  Seen extends string,
  Own,
> = Inside extends `${string}<${string}`
  ? `'<' is never closed in '${Path}'`
  : Parameter<Inside> extends [
        infer Converter extends string,
        infer Arguments extends string,
        infer Name extends string,
      ]
    ? Converter extends ConverterName | keyof Own
      ? Name extends ""
        ? `a parameter has no name: '<${Inside}>'`
        : Name extends Seen
          ? `the name '${Name}' is used twice in '${Path}'`
          : [ArgumentProblem<Converter, Arguments>] extends [never]
            ? CheckedRest<Path, Next, Seen | Name, Own>
            : `${ArgumentProblem<Converter, Arguments>} in '<${Inside}>'`
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

type ConvertedValue<Converter extends string, Arguments extends string, Own> = Converter extends keyof Own
  ? Own[Converter]
  : Converter extends "int" | "float"
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

/** What is wrong with the arguments of a converter; `never` if they are right. */
type ArgumentProblem<Converter extends string, List extends string> = Converter extends "any"
  ? ItemProblem<Trim<List>>
  : Trim<List> extends ""
    ? never
    : List extends `${infer First},${infer Rest}`
      ? [NamedProblem<Converter, Trim<First>>] extends [never]
        ? ArgumentProblem<Converter, Rest>
        : NamedProblem<Converter, Trim<First>>
      : NamedProblem<Converter, Trim<List>>;

type ItemProblem<List extends string> = List extends ""
  ? "converter 'any' needs items"
  : Extract<Items<List>, "" | `${string}/${string}`> extends never
    ? never
    : "converter 'any' needs items without slashes";

type NamedProblem<Converter extends string, Text extends string> = Text extends `${infer Name}=${infer Value}`
  ? Converter extends keyof ArgumentKinds
    ? Trim<Name> extends keyof ArgumentKinds[Converter]
      ? ValueProblem<Trim<Name>, Unquoted<Trim<Value>>, ArgumentKinds[Converter][Trim<Name>]>
      : `converter '${Converter}' has no argument '${Trim<Name>}'`
    : `converter '${Converter}' has no argument '${Trim<Name>}'`
  : `converter '${Converter}' has no argument '${Text}'`;

type ValueProblem<Name extends string, Value extends string, Kind> = Kind extends "flag"
  ? Value extends "true" | "false" | "True" | "False"
    ? never
    : `'${Name}' must be true or false`
  : Kind extends "count"
    ? Value extends `-${string}`
      ? `'${Name}' must be a whole number >= 0`
      : Value extends `${bigint}`
        ? never
        : `'${Name}' must be a whole number >= 0`
    : Value extends `${number}`
      ? never
      : `'${Name}' must be a number`;

type Unquoted<Text extends string> = Text extends `"${infer Inside}"` ? Inside : Text;

interface ArgumentKinds {
  string: { length: "count"; minlength: "count"; maxlength: "count" };
  int: { min: "number"; max: "number"; fixed_digits: "count"; fixedDigits: "count"; signed: "flag" };
  float: { min: "number"; max: "number"; signed: "flag" };
}
