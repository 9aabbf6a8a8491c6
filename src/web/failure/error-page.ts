import { callExceptionHandler } from "../../asyncio/index.ts";
import { type RawHeaders, whyNotLocal } from "../../http/index.ts";
import { developmentDetails, developmentPage } from "./_development-page.ts";
import { isDevelopment } from "./development.ts";
import { escapeHtml } from "../html/escape-html.ts";
import type { HTTPError } from "../errors/http-error.ts";
import { InternalServerError } from "../errors/statuses.ts";
import { RequestValidationError } from "../errors/request-validation-error.ts";
import type { HttpRequest } from "../message/http-request.ts";
import type { AppInfo } from "../message/context.ts";
import type { AcceptRange, MimetypeAccept } from "../negotiation/accept.ts";
import { quoteIfNeeded } from "../negotiation/split-quoted.ts";
import { problemBody, problemMembers } from "./problem.ts";

/** A page, ready to be sent. */
export interface ErrorPage {
  readonly headers: RawHeaders;
  readonly body: string;
}

const detailedHeaders: RawHeaders = [
  "Cache-Control",
  "no-store",
  "Content-Security-Policy",
  "default-src 'none'; style-src 'unsafe-inline'",
];

/**
 * The answer to an error: a page of HTML, or the members of a problem for a client that prefers JSON to HTML. In development, an error of the application is shown with its stack; other clients are told nothing of it.
 */
export function errorPage(error: HTTPError, request: HttpRequest, app: AppInfo): ErrorPage {
  const accept = request.acceptMimetypes;
  const json = prefersJSON(accept) || (error instanceof RequestValidationError && !namesHTML(accept));
  const type = json ? "application/problem+json" : "text/html; charset=utf-8";
  const headers = ["Content-Type", type, "Vary", "Accept", ...error.headers];
  const detailed = error instanceof InternalServerError ? detailedBody(error, request, app, json) : undefined;
  if (detailed !== undefined) return { headers: [...headers, ...detailedHeaders], body: detailed };
  return { headers, body: json ? problemBody(error, app) : htmlBody(error) };
}

function detailedBody(
  error: InternalServerError,
  request: HttpRequest,
  app: AppInfo,
  json: boolean,
): string | undefined {
  if (error.cause === undefined || !showsErrors(app.development, request)) return undefined;
  try {
    if (!json) return developmentPage(error.cause, request, projectFolder(app.rootPath));
    return JSON.stringify({ ...problemMembers(error), errors: developmentDetails(error.cause) });
  } catch (failure) {
    // A thrown value may have getters that throw. The error itself is reported by the server.
    callExceptionHandler({ message: "Cannot show an error", error: failure });
    return undefined;
  }
}

/** The folder whose sources are shown: the working directory, if the application is in it. */
function projectFolder(rootPath: string): string {
  return rootPath.startsWith(process.cwd()) ? process.cwd() : rootPath;
}

/**
 * Whether errors are shown to the client. Unless the application says so or not, they are in development, and then only
 * to this machine, under a name of its own: an application for which `NODE_ENV` was forgotten must not tell them to the
 * world, nor through a proxy, nor to the page of another site that has its name lead here.
 */
function showsErrors(development: boolean | undefined, request: HttpRequest): boolean {
  if (development !== undefined) return development;
  return isDevelopment() && whyNotLocal({ peer: request.peer, rawHeaders: request.headers.raw }) === undefined;
}

const jsonType = /^application\/(?:[^/]+\+)?json$/;

/** Whether the client prefers JSON, of any type, to HTML. Of the same weight the one that it names wins, then HTML. */
function prefersJSON(accept: MimetypeAccept): boolean {
  const named = accept.ranges.find(({ value, quality }) => quality > 0 && jsonType.test(value));
  const json = named === undefined ? "application/problem+json" : formatRange(named);
  return accept.bestMatch(["text/html", json]) === json;
}

/** Whether the client asks for HTML by its name. What a contract refuses comes from a program otherwise. */
function namesHTML({ ranges }: MimetypeAccept): boolean {
  return ranges.some(({ value, quality }) => value === "text/html" && quality > 0);
}

function formatRange({ value, parameters }: AcceptRange): string {
  return [value, ...Array.from(parameters, ([name, text]) => `${name}=${quoteIfNeeded(text)}`)].join(";");
}

function htmlBody({ status, title: name, description }: HTTPError): string {
  const title = escapeHtml(name);
  return `<!doctype html>
<html lang="en">
<title>${status} ${title}</title>
<h1>${title}</h1>
<p>${escapeHtml(description)}</p>
`;
}
