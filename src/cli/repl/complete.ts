/**
 * Completes a name, or a property such as `asyncio.sle`, at the end of a line. Getters are not called.
 *
 * @returns The completions, and the part of `line` that they would replace: what `readline` wants.
 */
export function complete(line: string, names: Readonly<Record<string, unknown>>): [string[], string] {
  const [typed = "", path = "", start = ""] = /((?:[\w$]+\.)*)([\w$]*)$/.exec(line) ?? [];
  const candidates = path === "" ? [...Object.keys(names), ...namesOf(globalThis)] : namesOf(lookUp(path, names));
  const hits = candidates.filter(
    (name) => name.startsWith(start) && /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name),
  );
  return [[...new Set(hits)].sort().map((name) => path + name), typed];
}

/** The value of `asyncio.Queue.`; `undefined` if code would have to run to find it. */
function lookUp(path: string, names: Readonly<Record<string, unknown>>): unknown {
  const [first = "", ...rest] = path.slice(0, -1).split(".");
  const start = first in names ? names[first] : valueOf(globalThis, first);
  return rest.reduce(valueOf, start);
}

function valueOf(object: unknown, name: string): unknown {
  for (const holder of withPrototypes(object)) {
    const property = Object.getOwnPropertyDescriptor(holder, name);
    if (property !== undefined) return property.value;
  }
  return undefined;
}

function namesOf(object: unknown): string[] {
  return withPrototypes(object).flatMap((holder) => Object.getOwnPropertyNames(holder));
}

function withPrototypes(value: unknown): object[] {
  const chain: object[] = [];
  if (value === undefined || value === null) return chain;
  for (
    let object = Object(value) as object | null;
    object !== null;
    object = Object.getPrototypeOf(object) as object | null
  ) {
    chain.push(object);
  }
  return chain;
}
