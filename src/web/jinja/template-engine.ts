/** The values of a template, by name. */
export type TemplateValues = Readonly<Record<string, unknown>>;

/** A filter: it gets what stands before `|`, and its arguments; those with a name come last, in one object. */
export type TemplateFilter = (input: never, ...args: never[]) => unknown;

/** A test: what stands after `is`. */
export type TemplateTest = (value: never, ...args: never[]) => unknown;

/** What an application gives its engine. */
export interface TemplateSettings {
  /** The folders with templates, absolute, in the order in which they are searched. */
  readonly folders: readonly string[];
  /** The filters of the application, by name. */
  readonly filters: ReadonlyMap<string, TemplateFilter>;
  /** The tests of the application, by name. */
  readonly tests: ReadonlyMap<string, TemplateTest>;
  /** Whether a file that has changed is read again. */
  readonly autoReload: boolean;
}

/**
 * Renders templates. The values that it gets are complete: those of the caller, of context processors, and the globals.
 *
 * @example
 * const app = new Pottle(import.meta, {
 *   templateEngine: {
 *     render: ([name], values) => `${name}: ${String(values["word"]).toUpperCase()}`,
 *     renderString: (source, values) => source.replace("WORD", String(values["word"])),
 *   },
 * });
 * app.get("/", () => renderTemplate("a.txt", { word: "hello" }));
 * console.log((await app.testClient().get("/")).text()); // a.txt: HELLO
 */
export interface TemplateEngine {
  /** Renders the first template of these names that there is; one name comes as a list of one. */
  render(names: readonly string[], values: TemplateValues): string | PromiseLike<string>;
  /** Renders a template that is given as text. */
  renderString(source: string, values: TemplateValues): string | PromiseLike<string>;
  /**
   * Renders a template piece by piece. A template that there is not is refused before the first piece.
   * @default all of it as one piece
   */
  stream?(names: readonly string[], values: TemplateValues): AsyncIterable<string> | PromiseLike<AsyncIterable<string>>;
}
