import { type PathParameter, parametersOf, type PathPattern } from "../routing/path-pattern.ts";
import type { JsonSchema } from "./document.ts";

/** A path as OpenAPI writes it, and its parameters. */
export interface PathTemplate {
  /** `/todos/{id}`. */
  readonly template: string;
  /** The same without names: paths of one shape are one path in OpenAPI. */
  readonly shape: string;
  /** The parameters in their order. */
  readonly parameters: readonly { readonly name: string; readonly schema: JsonSchema }[];
}

/** Makes the template of a path after a prefix. */
export function toTemplate(prefix: string, pattern: PathPattern): PathTemplate {
  const write = (nameOf: (parameter: PathParameter) => string): string =>
    prefix + pattern.map((piece) => (typeof piece === "string" ? piece : `{${nameOf(piece)}}`)).join("");
  return {
    template: write(({ name }) => name),
    shape: write(() => ""),
    parameters: parametersOf(pattern).map((parameter) => ({ name: parameter.name, schema: schemaOf(parameter) })),
  };
}

const literalSyntax = /^(?:(?<converter>[^:(]*)(?:\((?<args>.*)\))?:)?/s;

/** The JSON Schema of what a converter takes. One of an application's own takes a text. */
function schemaOf({ literal, converter }: PathParameter): JsonSchema {
  const { converter: kind = "string", args = "" } = literalSyntax.exec(literal)?.groups ?? {};
  const named = new Map(
    [...args.matchAll(/(\w+)\s*=\s*"?([^",]*)"?/g)].map(([, name = "", text = ""]) => [name, text.trim()]),
  );
  if (kind === "int" || kind === "float") return numberSchema(kind, named);
  if (kind === "uuid") return { type: "string", format: "uuid" };
  if (kind === "any")
    return { type: "string", enum: converter.atoms?.flatMap((atom) => ("texts" in atom ? atom.texts : [])) ?? [] };
  if (kind === "string") return textSchema(named);
  return { type: "string" };
}

function numberSchema(kind: string, named: ReadonlyMap<string, string>): JsonSchema {
  const isSigned = /^true$/i.test(named.get("signed") ?? "");
  const minimum = numberIn(named, "min") ?? (isSigned ? undefined : 0);
  const maximum = numberIn(named, "max");
  return {
    type: kind === "int" ? "integer" : "number",
    ...(minimum === undefined ? {} : { minimum }),
    ...(maximum === undefined ? {} : { maximum }),
  };
}

function textSchema(named: ReadonlyMap<string, string>): JsonSchema {
  const length = numberIn(named, "length");
  const minLength = length ?? numberIn(named, "minlength");
  const maxLength = length ?? numberIn(named, "maxlength");
  return {
    type: "string",
    ...(minLength === undefined ? {} : { minLength }),
    ...(maxLength === undefined ? {} : { maxLength }),
  };
}

function numberIn(named: ReadonlyMap<string, string>, name: string): number | undefined {
  const text = named.get(name);
  return text === undefined ? undefined : Number(text);
}
