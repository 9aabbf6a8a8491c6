import { type Html, html, raw } from "../../../web/index.ts";
import { printable } from "../../printable.ts";
import { pageScript } from "./page-script.ts";
import { pageStyle } from "./page-style.ts";
import type { PageParts } from "./page-parts.ts";

/** The data for the frame of the page. */
export interface PageOptions {
  readonly program: string;
  readonly pid: number;
  /** The path of the view: `/_pottle`. */
  readonly base: string;
  /** The query of the events URL: `?own`, or empty. */
  readonly query: string;
  /** The nonce that allows the page's own scripts and styles. */
  readonly nonce: string;
}

/** Renders the whole page, which is sent first. It can be read without its script. */
export function renderPage(parts: PageParts, { program, pid, base, query, nonce }: PageOptions): string {
  const title = printable(program);
  const section = (heading: string, id: "tree" | "cancellations", content: string): Html =>
    html`<section>
      <h2>${heading}</h2>
      <div id="${id}">${raw(content)}</div>
    </section>`;
  return String(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width" />
          <title>${title} · live view</title>
          <link rel="icon" href="data:," />
          <style nonce="${nonce}">
            ${raw(pageStyle)}
          </style>
        </head>
        <body data-events="${base}/events${query}">
          <header>
            <h1>${title}</h1>
            <nav>
              <span id="connection">as of now</span><a href="${base}/tree.txt">text</a
              ><a href="${base}/snapshot.json">JSON</a>
            </nav>
            <div class="facts">
              <span>process ${pid}</span>
              <div id="counts">${raw(parts.counts)}</div>
            </div>
          </header>
          <main>
            <div id="figures">${raw(parts.figures)}</div>
            <div id="deadlocks">${raw(parts.deadlocks)}</div>
            ${section("Tasks", "tree", parts.tree)}
            ${section("Last cancellations", "cancellations", parts.cancellations)}
            <section>
              <h2>The last minute</h2>
              ${key}
              <div id="chart">
                <svg id="grid" aria-hidden="true"></svg>
                <div id="timeline">${raw(parts.timeline)}</div>
                <div id="tip" hidden></div>
              </div>
            </section>
          </main>
          <script nonce="${nonce}">
            ${raw(pageScript)};
          </script>
        </body>
      </html> `,
  );
}

const key: Html = html`<p class="key">
  ${[
    ["run", "runs, or awaits a promise that is not Pottle's"],
    ["wait", "waits"],
    ["stop", "was asked to stop"],
    ["cancelled", "ended by a cancellation or an error"],
  ].map(
    ([name, text]) =>
      html`<span
        ><svg viewBox="0 0 10 10" preserveAspectRatio="none"><rect class="${name}" width="10" height="10"></rect></svg
        >${text}</span
      >`,
  )}
</p>`;

/** The security headers of the page: which resources it may load, and that no other page may embed it. */
export function pageHeaders(nonce: string): string[] {
  const policy = [
    "default-src 'none'",
    `style-src 'nonce-${nonce}'`,
    `script-src 'nonce-${nonce}'`,
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return ["Content-Type", "text/html; charset=utf-8", "Content-Security-Policy", policy.join("; ")];
}
