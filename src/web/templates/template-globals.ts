import type { Context } from "../message/context.ts";
import type { UrlValues } from "../routing/build-path.ts";

/** Makes a global of all templates, for the request that they are rendered in. */
type GlobalSource = (context: Context) => unknown;

const sources: readonly (readonly [string, GlobalSource])[] = [
  ["request", (context) => context.request],
  ["g", (context) => (context.shared ??= {})],
  ["url_for", urlForOf],
  ["urlFor", urlForOf],
  ["get_flashed_messages", () => noMessages],
  ["getFlashedMessages", () => noMessages],
];

/** The globals of a request, by name: those of the application go before those of all. */
export function* globalsOf(context: Context, own: ReadonlyMap<string, unknown>): Generator<[string, unknown]> {
  for (const [name, source] of sources) yield [name, source(context)];
  yield* own;
}

/** An application, as far as it builds URLs. */
interface UrlBuilder {
  urlFor(name: string, values: UrlValues): string;
}

function urlForOf({ app }: Context): (name: string, values?: UrlValues) => string {
  return (name, values = {}) => (app as unknown as UrlBuilder).urlFor(name, values);
}

/** The messages of an application without sessions, which gives templates its own in place of this. */
function noMessages(): readonly never[] {
  return [];
}
