import { type Html, html, raw } from "pottle";

// It stands in the page, so that the page is one file, and comes from nowhere else.
const style = raw(`
  :root { color-scheme: light dark; --ink: #1d2430; --soft: #5b6675; --line: #dfe4ea; --paper: #fbfbf9; --card: #fff; --accent: #0b6e4f; }
  @media (prefers-color-scheme: dark) {
    :root { --ink: #e6e9ee; --soft: #98a3b3; --line: #2c3440; --paper: #12161c; --card: #181d25; --accent: #5fd3a6; }
  }
  body { margin: 0 auto; max-width: 82rem; padding: 1rem 1.25rem; font: 15px/1.4 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
  h1 { margin: 0; font-size: 1.6rem; letter-spacing: -0.02em; }
  h2 { margin: 0; font-size: 1rem; }
  a { color: var(--accent); text-underline-offset: 0.15em; }
  .lead { margin: 0.3rem 0 0.7rem; max-width: 64rem; color: var(--soft); }
  .exhibit { display: grid; grid-template-columns: 18.5rem 1fr; gap: 0 1.25rem; padding: 0.5rem 0; border-top: 1px solid var(--line); }
  .exhibit p { margin: 0; font-size: 0.82rem; line-height: 1.3; color: var(--soft); }
  .exhibit li { display: grid; grid-template-columns: 16rem 1fr; gap: 0 1rem; align-items: baseline; }
  .exhibit li + li { margin-top: 0.15rem; }
  .exhibit li code { grid-column: 2; }
  @media (min-width: 80rem) {
    .exhibit li { grid-template-columns: 16rem 12rem 1fr; }
    .exhibit li code { grid-column: 3; }
  }
  @media (max-width: 50rem) {
    .exhibit, .exhibit li { display: block; }
    .exhibit ul { margin-top: 0.3rem; }
  }
  ul { margin: 0; padding: 0; list-style: none; }
  li span { font-size: 0.85rem; line-height: 1.35; color: var(--soft); }
  code, pre { font: 0.75rem/1.5 ui-monospace, Menlo, Consolas, monospace; }
  li code { display: block; overflow-wrap: anywhere; color: var(--soft); user-select: all; }
  /* A phone has no curl. */
  @media (max-width: 50rem) { li code { display: none; } }
  pre { min-height: 12rem; max-height: 55vh; overflow: auto; margin: 0.6rem 0; padding: 1rem; white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid var(--line); border-radius: 0.6rem; background: var(--card); }
  button { margin: 0 0.4rem 0.4rem 0; padding: 0.4rem 0.9rem; border: 1px solid var(--line); border-radius: 0.4rem; font: inherit; color: inherit; background: var(--card); cursor: pointer; }
  button:hover, button[aria-pressed="true"] { border-color: var(--accent); }
  button:disabled { opacity: 0.45; border-color: var(--line); cursor: default; }
`);

/** A page of the tour. */
export function layout(title: string, content: Html): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <link rel="icon" href="data:," />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <style>
          ${style}
        </style>
      </head>
      <body>
        ${content}
      </body>
    </html> `;
}
