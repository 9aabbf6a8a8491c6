import type { Context } from "../message/context.ts";
import type { UrlValues } from "../routing/build-path.ts";

/** The globals of a request, by name: those of the application go before those of all. */
export function globalsOf(context: Context, own: ReadonlyMap<string, unknown>): Readonly<Record<string, unknown>> {
  const urlFor = urlForOf(context);
  return {
    request: context.request,
    g: (context.shared ??= {}),
    url_for: urlFor,
    urlFor,
    get_flashed_messages: noMessages,
    getFlashedMessages: noMessages,
    ...Object.fromEntries(own),
  };
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
