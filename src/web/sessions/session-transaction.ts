import { createTask, InvalidStateError } from "../../asyncio/index.ts";
import { type Application, type Exchange, HeaderList, type RawHeaders, splitTarget } from "../../http/index.ts";
import { type AppInfo, Context, currentContext, requireApp } from "../message/context.ts";
import { HttpRequest } from "../message/http-request.ts";
import { runFinishers } from "../message/run-finishers.ts";
import { defaultBodyLimits } from "../routing/body-limits.ts";
import type { Session } from "./session.ts";
import { session, sessionBackendOf } from "./sessions.ts";

/** The result of a function that has changed a session, and the headers of the response that would have saved it. */
export interface SessionTransaction<T> {
  readonly result: T;
  readonly headers: RawHeaders;
}

/**
 * Lets a function change the session of a request that no view answers, as a view could, and saves it.
 *
 * @throws {TypeError} If `app` is not an application of this package.
 * @throws {InvalidStateError} If it has no sessions.
 */
export async function runSessionTransaction<T>(
  app: Application | (Application & AppInfo),
  exchange: Exchange,
  fn: (session: Session) => T | PromiseLike<T>,
): Promise<SessionTransaction<T>> {
  const action = "change the session";
  const info = app as AppInfo;
  requireApp(action, info);
  const backend = sessionBackendOf(info);
  if (backend === undefined) {
    throw new InvalidStateError(`Cannot ${action} as the application has no secret key: call sessions(app, …) first`);
  }
  return await createTask(async () => {
    const { path, query } = splitTarget(exchange.target);
    const request = new HttpRequest(exchange, path, query, { ...defaultBodyLimits, app: info });
    const context = new Context(info, request, "", exchange.basePath ?? "");
    currentContext.set(context);
    await backend.prepare?.(request);
    const result = await fn(session());
    const headers = new HeaderList();
    await runFinishers(context.finishers ?? [], headers);
    return { result, headers: headers.raw };
  });
}
