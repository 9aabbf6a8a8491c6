import { createTask, type Task, timeout } from "../asyncio/index.ts";
import { option, requireFunction } from "../base/options.ts";
import { wrongType } from "../base/refusal.ts";
import { type Application, type Exchange, passWebSocket, phraseOf, wrapApplications } from "../http/index.ts";
import { NodeCall } from "./node-call.ts";
import { currentCall } from "./node-request-of.ts";
import { type AnyMiddleware, type ChainEnd, type ConnectMiddleware, runChain } from "./run-chain.ts";
import { ThroughExchange } from "./through-exchange.ts";

/** Options of {@link fromConnect}. */
export interface FromConnectOptions {
  /**
   * Time limit, in milliseconds, until all middlewares have passed the request on, or one of them has answered it. A request
   * beyond that is answered with 500, and the error reported. `Infinity` lifts the limit.
   * @default 120_000
   */
  readonly timeout?: number;
}

const action = "use middlewares of Connect";

/**
 * Puts middlewares of Connect and Express around an application: helmet, morgan, passport, multer, express-session. They
 * run before it, in their order, with the real classes of Node, and its response passes through theirs, so that one that
 * sets headers, counts bytes or compresses works as it does in Express. A view finds what they have put on the request by
 * `nodeRequest()`.
 *
 * One that answers by itself keeps the application from being called. What one passes to `next` goes to the next middleware
 * with four arguments; if there is none, an error with a `status` from 400 to 499 is answered with that, and any other is
 * reported and answered with 500. A body that a middleware has read is gone for the view. WebSockets pass them by.
 *
 * @param middlewares - One or several.
 * @returns What `app.use()` takes, or you call with an application.
 * @throws {TypeError} If one of them is not a function.
 * @throws {RangeError} If `timeout` is negative.
 * @example
 * import helmet from "helmet";
 * const app = new Pottle(import.meta);
 * app.get("/", () => "Hello");
 * app.use(fromConnect(helmet()));
 * console.log((await app.testClient().get("/")).headers.get("X-Content-Type-Options")); // nosniff
 */
export function fromConnect(
  middlewares: ConnectMiddleware | readonly ConnectMiddleware[],
  options?: FromConnectOptions,
): (application: Application) => Application;
/** Puts middlewares around an application, some of which handle errors: those have four arguments. */
export function fromConnect(
  middlewares: readonly AnyMiddleware[],
  options?: FromConnectOptions,
): (application: Application) => Application;
export function fromConnect(
  middlewares: AnyMiddleware | readonly AnyMiddleware[],
  options: FromConnectOptions = {},
): (application: Application) => Application {
  const chain = [middlewares].flat() as readonly AnyMiddleware[];
  for (const middleware of chain) requireFunction(middleware, action);
  const limit = option(action, "timeout", options.timeout ?? 120_000).milliseconds({ from: 0 });
  return (application) => wrap(application, chain, limit);
}

function wrap(application: Application, chain: readonly AnyMiddleware[], limit: number): Application {
  if (typeof (application as Partial<Application> | null)?.handle !== "function")
    throw wrongType(action, "'application' must have a function 'handle'", application);
  const { lifespan } = application;
  return wrapApplications([application], {
    handle: (exchange) => pass(application, exchange, chain, limit),
    websocket: (connection) => passWebSocket(application, connection),
    ...(lifespan && { lifespan }),
  });
}

async function pass(
  application: Application,
  exchange: Exchange,
  chain: readonly AnyMiddleware[],
  limit: number,
): Promise<void> {
  const call = new NodeCall(exchange);
  const responding = createTask(() => call.respond(), { name: "response through middlewares" });
  const before = currentCall.set(call);
  try {
    await answer(application, exchange, call, responding, () => runChain(chain, call.request, call.response), limit);
  } finally {
    currentCall.reset(before);
  }
}

async function answer(
  application: Application,
  exchange: Exchange,
  call: NodeCall,
  responding: Task<void>,
  run: () => Promise<ChainEnd>,
  limit: number,
): Promise<void> {
  let isPassedOn = false;
  try {
    isPassedOn = (await timeout(limit, run)) === "passed on";
    if (isPassedOn) await application.handle(new ThroughExchange(exchange, call, responding));
  } catch (error) {
    const isAnswered = call.response.writableEnded;
    if (!isAnswered && (isPassedOn || !refuse(call, error))) return await breakOff(call, responding, error);
    await responding;
    if (isAnswered) throw error;
  }
  await responding;
}

/** Waits until the response is given up, and throws why. */
async function breakOff(call: NodeCall, responding: Task<void>, error: unknown): Promise<never> {
  call.leave(error);
  responding.cancel(error);
  await Promise.allSettled([responding]);
  throw error;
}

/** Answers an error that says a status of the client's, as those of body-parser and multer do. */
function refuse({ response }: NodeCall, error: unknown): boolean {
  const status = statusOf(error);
  if (status === undefined || response.headersSent) return false;
  const { expose, message } = error as { readonly expose?: unknown; readonly message?: unknown };
  const text = expose === true && typeof message === "string" ? message : phraseOf(status);
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff" });
  response.end(`${text}\n`);
  return true;
}

function statusOf(error: unknown): number | undefined {
  const { status, statusCode } = Object(error) as { readonly status?: unknown; readonly statusCode?: unknown };
  const given = status ?? statusCode;
  return typeof given === "number" && Number.isInteger(given) && given >= 400 && given <= 499 ? given : undefined;
}
