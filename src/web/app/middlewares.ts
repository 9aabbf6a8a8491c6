import { requireFunction } from "../../base/options.ts";
import { wrongType } from "../../base/refusal.ts";
import type { Application } from "../../http/index.ts";

/** Puts itself around an application: `trustProxies`, `fromConnect(…)`, or a function of one's own. */
export type GatewayMiddleware = (application: Application) => Application;

const action = "use a middleware";

/** The gateway middlewares around an application; the first one sees a request first. */
export class Middlewares {
  readonly #inner: Application;
  readonly #middlewares: GatewayMiddleware[] = [];
  #outermost: Application | undefined;

  constructor(inner: Application) {
    this.#inner = inner;
  }

  /** Adds one. @throws {TypeError} If it is not a function. */
  add(middleware: GatewayMiddleware): void {
    requireFunction(middleware, action);
    this.#middlewares.push(middleware);
    this.#outermost = undefined;
  }

  /** The application with all of them around it. @throws {TypeError} If a middleware returns none. */
  get outermost(): Application {
    return (this.#outermost ??= this.#middlewares.reduceRight(wrap, this.#inner));
  }
}

function wrap(application: Application, middleware: GatewayMiddleware): Application {
  const wrapped = middleware(application) as Application | null | undefined;
  if (typeof wrapped?.handle === "function") return wrapped;
  throw wrongType(action, "it must return an application, which has a function 'handle'", wrapped);
}
