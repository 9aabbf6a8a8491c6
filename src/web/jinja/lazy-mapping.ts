/** Values by name that are found when a template asks for one: a session, which must not be opened before. */
export class LazyMapping {
  readonly #find: (name: string) => unknown;

  constructor(find: (name: string) => unknown) {
    this.#find = find;
  }

  /** The value of a name; `fallback` if there is none. */
  find(name: string, fallback?: unknown): unknown {
    return this.#find(name) ?? fallback;
  }
}
