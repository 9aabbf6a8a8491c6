import { cannot, wrongType } from "../../base/refusal.ts";
import type { CheckedPrefix } from "../routing/path-types.ts";
import { checkPrefix, parsePath, PathSyntaxError } from "../routing/path-pattern.ts";
import { checkFolder } from "../templates/template-setup.ts";
import { Nesting } from "./nesting.ts";
import { type RegisterOptions, Registrar } from "./registrar.ts";
import type { ViewOptions } from "../routing/route.ts";
import { SetupError } from "../errors/setup-error.ts";
import type { AnyView } from "./view.ts";
import type { TemplatePart } from "../templates/template-setup.ts";

/** Options of a blueprint. */
export interface BlueprintOptions<Prefix extends string> {
  /**
   * The beginning of the paths of its routes: `/todos`, `/<org>/todos`. The views get its parameters with their own.
   * @default ""
   */
  readonly prefix?: CheckedPrefix<Prefix>;
  /**
   * A folder with templates, which is searched after that of the application; a relative one begins at the folder of the
   * application.
   * @default none
   */
  readonly templateFolder?: string;
}

/** @internal A route of a blueprint, where it is registered. */
export interface BlueprintRoute {
  readonly path: string;
  readonly methods: readonly string[];
  readonly options: ViewOptions;
  readonly view: AnyView;
  readonly nesting: Nesting;
}

type OwnRoute = Omit<BlueprintRoute, "nesting">;

/**
 * A part of an application: routes under a common prefix, with hooks and error handlers of their own. A module makes it
 * without knowing the application, which registers it.
 *
 * @example
 * const todos = new Blueprint("todos", { prefix: "/<org>/todos" });
 * todos.get("/<int:id>", { name: "show" }, ({ org, id }) => ({ org, id, next: urlFor(".show", { org, id: id + 1 }) }));
 * const app = new Pottle(import.meta);
 * app.register(todos);
 * console.log(app.urlFor("todos.show", { org: "acme", id: 7 })); // /acme/todos/7
 * console.log((await app.testClient().get("/acme/todos/7")).text()); // {"org":"acme","id":7,"next":"/acme/todos/8"}
 */
export class Blueprint<const Prefix extends string = ""> extends Registrar<Prefix> {
  /** The beginning of the names of its routes. */
  readonly name: string;
  /** The beginning of the paths of its routes. */
  readonly prefix: string;
  readonly #templateFolder: string | undefined;
  readonly #routes: OwnRoute[] = [];
  readonly #children = new Map<string, [Blueprint<string>, RegisterOptions]>();
  #isRegistered = false;

  /**
   * @throws {SetupError} If the name is empty, or has a dot in it.
   * @throws {PathSyntaxError} If the prefix cannot be read, or ends with a slash.
   */
  constructor(name: string, options: BlueprintOptions<Prefix> = {}) {
    super();
    this.name = checkName(name);
    this.prefix = options.prefix ?? "";
    this.#templateFolder = checkFolder("make the blueprint", options.templateFolder);
    if (this.prefix !== "") checkPrefix(this.prefix);
  }

  override register(blueprint: Blueprint<string>, options: RegisterOptions = {}): void {
    this.checkSetup("register");
    if (blueprint.contains(this)) {
      throw new SetupError(`Cannot register blueprint '${blueprint.name}' in itself`);
    }
    const name = checkRegistration(blueprint, options);
    if (this.#children.has(name)) throw nameTaken(name);
    this.#children.set(name, [blueprint, options]);
  }

  /** @internal Whether `other` is registered in it, at any depth, or is the same. */
  contains(other: unknown): boolean {
    return this === other || this.#children.values().some(([child]) => child.contains(other));
  }

  /** @internal The folders and context processors of it and of blueprints in it. `outer` is empty, or ends with a dot. */
  templateParts(outer: string, options: RegisterOptions): TemplatePart[] {
    const name = outer + (options.name ?? this.name);
    const own: TemplatePart = { name, folder: this.#templateFolder, processors: this.hooks.contextProcessors };
    const inner = this.#children
      .values()
      .flatMap(([child, registration]) => child.templateParts(`${name}.`, registration));
    return own.folder === undefined && own.processors.length === 0 ? [...inner] : [own, ...inner];
  }

  /** @internal All its routes and those of blueprints in it, as they are within `outer`. It is complete from now on. */
  flatten(outer: Nesting, outerPrefix: string, options: RegisterOptions): BlueprintRoute[] {
    this.#isRegistered = true;
    const own = options.name ?? this.name;
    const nesting = new Nesting(
      outer.name === "" ? own : `${outer.name}.${own}`,
      this.hooks,
      this.errorHandlers,
      outer,
    );
    const prefix = outerPrefix + (options.prefix ?? "") + this.prefix;
    const routes = this.#routes.map((route) => ({ ...route, path: prefix + route.path, nesting }));
    return [
      ...routes,
      ...this.#children.values().flatMap(([child, registration]) => child.flatten(nesting, prefix, registration)),
    ];
  }

  /** @internal */
  protected override addRoute(path: string, methods: readonly string[], options: ViewOptions, view: AnyView): void {
    // Read at once, so that an error comes from the line that has it.
    if (path !== "" && !path.startsWith("/")) throw new PathSyntaxError(path, "it must begin with '/'");
    parsePath(this.prefix + path);
    if (options.name !== undefined) checkName(options.name);
    this.#routes.push({ path, methods, options, view });
  }

  /** @internal */
  protected override checkSetup(action: string): void {
    if (!this.#isRegistered) return;
    throw new SetupError(
      `Cannot call ${action}() on blueprint '${this.name}' as an application has registered it: set it up before that`,
    );
  }
}

/**
 * @internal Checks the registration of a blueprint, and returns its name there.
 *
 * @throws {TypeError} If it is not a blueprint.
 * @throws {SetupError} If the name is empty, or has a dot in it.
 * @throws {PathSyntaxError} If the prefix cannot be read, ends with a slash or has a parameter.
 */
export function checkRegistration(blueprint: Blueprint<string>, { name, prefix = "" }: RegisterOptions): string {
  if (!(blueprint instanceof Blueprint)) {
    throw wrongType("register", "'blueprint' must be a Blueprint", blueprint);
  }
  if (prefix !== "" && checkPrefix(prefix)) {
    throw new PathSyntaxError(prefix, "only the prefix of a blueprint's constructor has parameters");
  }
  return name === undefined ? blueprint.name : checkName(name);
}

/** @internal */
export function nameTaken(name: string): SetupError {
  return new SetupError(`Cannot register the blueprint as there is one of its name: give it another, not '${name}'`);
}

function checkName(name: string): string {
  if (typeof name === "string" && name !== "" && !name.includes(".")) return name;
  throw new SetupError(cannot("name a blueprint or a route", "its name must be text without dots", name));
}
