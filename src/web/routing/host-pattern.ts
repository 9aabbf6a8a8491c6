import { toForm, type Form } from "./_form.ts";
import type { OwnConverters } from "./converters.ts";
import { parsePattern, PathSyntaxError, type PathPattern } from "./path-pattern.ts";

/** A host, with parameters in it: `<tenant>.example.com`. */
export interface HostPattern {
  /** The literal. */
  readonly literal: string;
  /** The literal, taken apart, with its port. */
  readonly pattern: PathPattern;
  /** Matches a host in lower case, without its port. */
  readonly form: Form;
  /** The port that a request must have come for; `undefined` if any will do. */
  readonly port: string | undefined;
}

/**
 * Takes a host literal apart. Text is compared without case; a `string` parameter is one label: no dot is in it.
 *
 * @param anyPort Whether the port is for building URLs only.
 * @throws {PathSyntaxError} If it is not a host.
 */
export function parseHost(literal: string, own: OwnConverters, anyPort: boolean = false): HostPattern {
  if (literal === "") throw new PathSyntaxError(literal, "a host must not be empty");
  const pattern = parsePattern(literal, own, "./").map((piece) =>
    typeof piece === "string" ? checkText(literal, piece).toLowerCase() : piece,
  );
  const { port, name } = splitPort(pattern);
  return { literal, pattern, form: toForm(name), port: anyPort ? undefined : port };
}

function splitPort(pattern: PathPattern): { readonly name: PathPattern; readonly port: string | undefined } {
  const last = pattern.at(-1);
  const [, text, port] = typeof last === "string" ? (/^(.*):(\d+)$/s.exec(last) ?? []) : [];
  return text === undefined ? { name: pattern, port } : { name: [...pattern.slice(0, -1), text], port };
}

function checkText(literal: string, text: string): string {
  if (/^[^\s/?#@\\<>]*$/.test(text)) return text;
  throw new PathSyntaxError(literal, "a host has no blanks, slashes, '?', '#', '@' or '\\'");
}
