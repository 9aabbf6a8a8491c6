import { findHeader, type RawHeaders } from "../http/index.ts";
import type { HTTPError } from "./http-errors.ts";

/** A page, ready to be sent. */
export interface ErrorPage {
  readonly headers: RawHeaders;
  readonly body: string;
}

/**
 * The page for an error: HTML, or JSON for a client that names JSON among what it accepts and does not name HTML.
 *
 * @param requestHeaders The headers of the request.
 */
export function errorPage(error: HTTPError, requestHeaders: RawHeaders): ErrorPage {
  const json = prefersJson(findHeader(requestHeaders, "accept") ?? "");
  const type = json ? "application/json" : "text/html; charset=utf-8";
  return { headers: ["Content-Type", type, ...error.headers], body: json ? jsonBody(error) : htmlBody(error) };
}

/** Makes text safe to stand in HTML, in an element as well as in a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function prefersJson(accept: string): boolean {
  return /\bapplication\/(?:[\w.-]+\+)?json\b/i.test(accept) && !/\btext\/html\b/i.test(accept);
}

function jsonBody({ status, reason, description }: HTTPError): string {
  return JSON.stringify({ status, error: reason, description });
}

function htmlBody({ status, reason, description }: HTTPError): string {
  const title = escapeHtml(reason);
  return `<!doctype html>
<html lang="en">
<title>${status} ${title}</title>
<h1>${title}</h1>
<p>${escapeHtml(description)}</p>
`;
}
