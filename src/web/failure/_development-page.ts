// The page that a developer sees when a view fails. All of it is escaped: the request that failed may well be an attack.

import { inspect } from "node:util";
import { formatPeer } from "../../http/index.ts";
import { readStack, type StackFrame } from "./_stack-frames.ts";
// By another name, so that no formatter of HTML changes what stands in <pre>.
import { type Html, html as markup, raw } from "../html/html.ts";
import type { HttpRequest } from "../message/http-request.ts";

/** An error and how deep in the chain of causes it is. */
interface Link {
  readonly error: unknown;
  readonly role: "" | "caused by" | "with";
}

const maxLinks = 10;
const maxText = 10_000;
const secret = /cookie|auth|token|secret|password|passwd|credential|signature|api-?key|session|csrf|xsrf|jwt/i;

const style = raw(`
:root { color-scheme: light dark; --soft: light-dark(#6b6b6b, #a0a0a0); --line: light-dark(#dedede, #3a3a3a);
  --mark: light-dark(#fff0c2, #4a3b12); --bad: light-dark(#b3261e, #ff8a80); }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2 { font-size: 1.3rem; margin: 1.5rem 0 .5rem; overflow-wrap: anywhere; white-space: pre-wrap; }
h1 { color: var(--bad); } h2 small, .soft, td:first-child { color: var(--soft); }
pre { font: 13px/1.5 ui-monospace, monospace; border: 1px solid var(--line); overflow-x: auto; padding: .5rem 0; margin: .3rem 0 1rem; }
pre span { display: block; padding: 0 .8rem; } pre .here { background: var(--mark); }
ol { list-style: none; padding: 0; font: 13px/1.6 ui-monospace, monospace; } li { overflow-wrap: anywhere; }
li.library { color: var(--soft); } table { border-spacing: 1rem .2rem; margin-left: -1rem; font-size: .9rem; }
td { vertical-align: top; overflow-wrap: anywhere; }
`);

/**
 * Makes the page for an error of the application: the error with its causes, their stacks with the lines of the source,
 * and the request. Headers that may have secrets in them are not shown.
 *
 * @param folder The folder of the program, from which sources are shown.
 */
export function developmentPage(error: unknown, request: HttpRequest, folder: string): string {
  const [first = { error, role: "" as const }, ...causes] = chainOf(error);
  const title = titleOf(first.error);
  return String(markup`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>${style}</style>
<p class="soft">500 Internal Server Error: ${request.method} ${pathOf(request)}</p>
<h1>${title}</h1>
${renderStack(first.error, folder)}
${causes.map((link) => renderCause(link, folder))}
${renderRequest(request)}
<p class="soft">This page is shown in development only.</p>
</html>
`);
}

/** The description of the error for a client that wants JSON. */
export function developmentDetails(error: unknown): readonly string[] {
  return chainOf(error).map((link) => {
    const text = link.error instanceof Error ? (link.error.stack ?? titleOf(link.error)) : titleOf(link.error);
    return text.slice(0, maxText);
  });
}

/** The error, its causes, and the errors that it is made of; each once. */
function chainOf(error: unknown): Link[] {
  const links: Link[] = [{ error, role: "" }];
  for (let i = 0; i < links.length && links.length < maxLinks; i++) {
    for (const link of linksFrom(links[i]?.error)) {
      if (!links.some((known) => known.error === link.error)) links.push(link);
    }
  }
  return links.slice(0, maxLinks);
}

function linksFrom(error: unknown): Link[] {
  const causes = error instanceof Error && error.cause !== undefined ? [error.cause] : [];
  const parts: unknown[] = error instanceof AggregateError ? error.errors.slice(0, maxLinks) : [];
  return [
    ...causes.map((cause): Link => ({ error: cause, role: "caused by" })),
    ...parts.map((part): Link => ({ error: part, role: "with" })),
  ];
}

function titleOf(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : `Thrown: ${inspect(error)}`;
  return text.length > maxText ? `${text.slice(0, maxText)} …` : text;
}

function renderCause({ error, role }: Link, folder: string): Html {
  return markup`<h2><small>${role}</small> ${titleOf(error)}</h2>
${renderStack(error, folder)}`;
}

function renderStack(error: unknown, folder: string): Html {
  const frames = error instanceof Error ? readStack(error, folder) : [];
  return markup`<ol>${frames.map(renderFrame)}</ol>`;
}

function renderFrame({ text, isOwn, source }: StackFrame): Html {
  const lines = source?.lines.map((line, i) => {
    const number = source.first + i;
    return markup`<span class="${number === source.line ? "here" : ""}">${String(number).padStart(4)}  ${line}</span>`;
  });
  return markup`<li class="${isOwn ? "" : "library"}">${text}${lines && markup`<pre>${lines}</pre>`}</li>`;
}

function renderRequest(request: HttpRequest): Html {
  const rows = Array.from(request.headers, ([name, value]) => row(name, shown(name, value)));
  return markup`<h2>The request</h2>
<table>
${row("Request", `${request.method} ${pathOf(request)}`)}
${row("Route", routeOf(request))}
${Object.entries(request.viewArgs).map(([name, value]) => row(`<${name}>`, shown(name, inspect(value))))}
${Array.from(request.args, ([name, value]) => row(`?${name}`, shown(name, value)))}
${row("From", `${formatPeer(request.peer)}, by HTTP/${request.httpVersion}`)}
${rows}
</table>`;
}

function routeOf({ urlRule, endpoint, blueprint }: HttpRequest): string {
  if (urlRule === undefined) return "none";
  const name = endpoint === undefined || endpoint === urlRule ? "" : `, named ${endpoint}`;
  return `${urlRule}${name}${blueprint === undefined ? "" : `, of the blueprint ${blueprint}`}`;
}

/** The path; that of the route, if a parameter may be a secret, as in a link that sets a password anew. */
function pathOf({ path, urlRule, viewArgs }: HttpRequest): string {
  return Object.keys(viewArgs).some((name) => secret.test(name)) ? (urlRule ?? path) : path;
}

function shown(name: string, value: string): string {
  return secret.test(name) ? "(not shown)" : value.slice(0, maxText);
}

function row(name: string, value: string): Html {
  return markup`<tr><td>${name}</td><td>${value}</td></tr>`;
}
