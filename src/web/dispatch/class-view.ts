import { wrongType } from "../../base/refusal.ts";
import type { ViewResult } from "../message/from-result.ts";
import type { HttpRequest } from "../message/http-request.ts";

type Answer = ViewResult | PromiseLike<ViewResult>;

/** Properties of a view function that a class view has made. */
export interface ViewProperties {
  /** The methods that it answers, unless its route says others. */
  readonly methods?: readonly string[] | undefined;
  /** Whether OPTIONS is answered without it, unless its route says otherwise. */
  readonly provideAutomaticOptions?: boolean | undefined;
}

/** A function that puts another view in the place of one, with the same arguments. */
export type ViewDecorator = <Args>(
  view: (args: Args, request: HttpRequest) => Answer,
) => (args: Args, request: HttpRequest) => Answer;

/** A class whose instances answer requests. */
interface DispatchingClass<Parameters extends readonly unknown[], Args> {
  new (...parameters: Parameters): { dispatchRequest(args: Args, request: HttpRequest): Answer };
  readonly methods: readonly string[] | undefined;
  readonly decorators: readonly ViewDecorator[];
  readonly initEveryRequest: boolean;
  readonly provideAutomaticOptions: boolean | undefined;
  ownMethods(): readonly string[] | undefined;
}

/**
 * A view as a class: each request makes an instance, whose `dispatchRequest` answers it. It is exported as `View`.
 *
 * @example
 * import type { PathArguments } from "pottle";
 * class ShowTodo extends View {
 *   dispatchRequest({ id }: PathArguments<"/todos/<int:id>">) {
 *     return { id, kind: "todo" };
 *   }
 * }
 * const app = new Pottle(import.meta);
 * app.addUrlRule("/todos/<int:id>", ShowTodo.asView("todo"));
 * console.log((await app.testClient().get("/todos/7")).text()); // {"id":7,"kind":"todo"}
 * console.log(app.urlFor("todo", { id: 7 })); // /todos/7
 * @see https://flask.palletsprojects.com/en/stable/api/#class-based-views
 */
export abstract class ClassView {
  /** The methods that it answers; `undefined` for GET. */
  static readonly methods: readonly string[] | undefined = undefined;
  /** Functions that wrap the view, the first one innermost. */
  static readonly decorators: readonly ViewDecorator[] = [];
  /** Whether each request makes an instance. If not, there is one for all, which must not keep anything of a request. */
  static readonly initEveryRequest: boolean = true;
  /** Whether OPTIONS is answered without it; `undefined` if the application decides. */
  static readonly provideAutomaticOptions: boolean | undefined = undefined;

  /**
   * Makes the function that answers requests by instances of the class.
   *
   * @param name The name by which `urlFor` finds it.
   * @param parameters The arguments of the constructor.
   * @throws {TypeError} If the class has no `dispatchRequest`.
   */
  static asView<Parameters extends readonly unknown[], Args>(
    this: DispatchingClass<Parameters, Args>,
    name: string,
    ...parameters: Parameters
  ): (args: Args, request: HttpRequest) => Answer {
    const methods = this.methods ?? this.ownMethods();
    const prototype = this.prototype as { dispatchRequest?: unknown };
    if (typeof prototype.dispatchRequest !== "function") {
      throw wrongType(
        `make a view of '${this.name}'`,
        "it must have a method 'dispatchRequest'",
        prototype.dispatchRequest,
      );
    }
    let decorated = answerer(() => new this(...parameters), this.initEveryRequest);
    for (const decorate of this.decorators) decorated = decorate(decorated);
    const view = (args: Args, request: HttpRequest): Answer => decorated(args, request);
    return setViewProperties(view, name, { methods, provideAutomaticOptions: this.provideAutomaticOptions });
  }

  /** Answers a request. */
  abstract dispatchRequest(args: never, request: HttpRequest): Answer;

  /** @internal The methods that the class answers, as its own methods say. */
  static ownMethods(): readonly string[] | undefined {
    return undefined;
  }
}

// It is exported as `View`, and stack traces and inspectors are to show that.
Object.defineProperty(ClassView, "name", { value: "View" });

/** Gives a view a name and the properties of a class view. */
export function setViewProperties<View extends object>(view: View, name: string, properties: ViewProperties): View {
  return Object.defineProperties(Object.assign(view, properties), { name: { value: name, configurable: true } });
}

/** Makes the function that has instances answer requests: one for each, or one for all. */
function answerer<Args>(
  create: () => { dispatchRequest(args: Args, request: HttpRequest): Answer },
  everyRequest: boolean,
): (args: Args, request: HttpRequest) => Answer {
  if (everyRequest) return (args, request) => create().dispatchRequest(args, request);
  const only = create();
  return (args, request) => only.dispatchRequest(args, request);
}
