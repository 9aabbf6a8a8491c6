import { formatPath, hasValue, type NamedValues } from "./build-path.ts";
import { parametersOf } from "./path-pattern.ts";
import type { Route } from "./create-route.ts";

/**
 * The path under which a view should be asked for, if the request came by another of its routes: one that has a default
 * in the path, or an alias.
 *
 * @param related All routes of the same view.
 * @param values The values of the request, with the defaults of its route.
 * @returns `undefined` if the route of the request is the right one.
 * @see https://werkzeug.palletsprojects.com/en/stable/routing/#werkzeug.routing.Map redirect_defaults
 */
export function canonicalPath(
  route: Route<unknown>,
  related: readonly Route<unknown>[],
  values: NamedValues,
  method: string,
): string | undefined {
  for (const other of related.toSorted(byPrecedence)) {
    if (other === route) return undefined;
    if (!replaces(other, route) || !other.methods.has(method) || !hasDefaults(other, values)) continue;
    const path = formatPath(other.pattern, values);
    if (path !== undefined) return path;
  }
  return undefined;
}

/** Whether the values are not other than the defaults of a route. Values that are not given are. */
export function hasDefaults({ defaults }: Route<unknown>, values: NamedValues): boolean {
  if (defaults === undefined) return true;
  return Object.entries(defaults).every(([name, value]) => !hasValue(values, name) || values[name] === value);
}

/** The names of all values that a route gives to its view. */
export function argumentNames({ pattern, host, defaults }: Route<unknown>): Set<string> {
  const parameters = [...(host === undefined ? [] : parametersOf(host.pattern)), ...parametersOf(pattern)];
  return new Set([...parameters.map(({ name }) => name), ...Object.keys(defaults ?? {})]);
}

/** Which route of a view URLs are built for: no alias, then that with more values, then that with more defaults. */
export function byPrecedence(one: Route<unknown>, other: Route<unknown>): number {
  return (
    Number(one.alias) - Number(other.alias) ||
    argumentNames(other).size - argumentNames(one).size ||
    Object.keys(other.defaults ?? {}).length - Object.keys(one.defaults ?? {}).length
  );
}

function replaces(other: Route<unknown>, route: Route<unknown>): boolean {
  if (other.buildOnly || other.alias || other.host?.literal !== route.host?.literal) return false;
  if (!route.alias && other.defaults === undefined) return false;
  const names = argumentNames(other);
  const own = argumentNames(route);
  return names.size === own.size && names.isSubsetOf(own);
}
