// Methods of HTML. They give HTML again, so that `{{ caller().strip() }}` is not escaped twice. What they put into it is escaped
// for that reason, as MarkupSafe does it: `{{ page.replace("NAME", name) }}` must not let a name be markup.

import { raw } from "../html/html.ts";
import { formatBraces } from "./_format-text.ts";
import { toHtml, toList } from "./_values.ts";

/** Methods that look for what they are given: it gets into no text that they return. */
const searching: ReadonlySet<string> = new Set(
  "strip lstrip rstrip split rsplit partition removeprefix removesuffix startswith endswith find rfind index count".split(
    " ",
  ),
);

/** A method of a text, for one that is HTML. A property is as it is. */
export function htmlMethod(text: string, name: string, method: unknown): unknown {
  if (typeof method !== "function") return method;
  if (name === "format") return (...args: readonly unknown[]) => raw(formatBraces(text, args, toMarkup));
  return (...args: readonly unknown[]): unknown => {
    const result: unknown = Reflect.apply(method, text, escapeArguments(name, args));
    return typeof result === "string" ? raw(result) : result;
  };
}

function escapeArguments(name: string, args: readonly unknown[]): readonly unknown[] {
  if (searching.has(name)) return args;
  if (name === "join") return [toList(args[0]).map(toMarkup)];
  const first = name.startsWith("replace") ? 1 : 0;
  return args.map((arg, i) => (i < first ? arg : escapeArgument(arg)));
}

/** A number or a flag stays one. */
function escapeArgument(arg: unknown): unknown {
  return typeof arg === "string" || (typeof arg === "object" && arg !== null) ? toMarkup(arg) : arg;
}

function toMarkup(value: unknown): string {
  return toHtml(value).toString();
}
