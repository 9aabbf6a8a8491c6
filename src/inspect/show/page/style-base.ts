/** The colours, the fonts and the layout of the page: dark if the browser prefers a dark scheme. */
export const baseStyle = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#fbfaf8, #15171a);
  --panel: light-dark(#f3f1ec, #1d2024);
  --ink: light-dark(#1f2328, #dfe2e6);
  --faint: light-dark(#676d76, #8d949e);
  --line: light-dark(#e0ddd5, #2c3036);
  --run: light-dark(#1d7f4e, #57c98a);
  --wait: light-dark(#6f8fbb, #6284b5);
  --stop: light-dark(#9a5b00, #e8a94a);
  --stuck: light-dark(#b3261e, #ff8a80);
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body {
  margin: 0 auto; max-width: 80rem; padding: 1.6rem clamp(1rem, 4vw, 3rem) 5rem;
  background: var(--paper); color: var(--ink);
  font: 15px/1.5 ui-sans-serif, system-ui, sans-serif; font-variant-numeric: tabular-nums;
}
ul, ol { list-style: none; margin: 0; padding: 0; }
p { margin: 0; overflow-wrap: anywhere; }
a { color: inherit; text-decoration-color: var(--line); text-underline-offset: .2em; }
a:hover { text-decoration-color: currentColor; }
:focus-visible { outline: 2px solid var(--wait); outline-offset: 2px; border-radius: .2rem; }
time { color: var(--faint); white-space: nowrap; }
code { font: .85em var(--mono); color: var(--faint); overflow-wrap: anywhere; }
h1 { font-size: 1.3rem; line-height: 1.3; font-weight: 650; margin: 0; overflow-wrap: anywhere; letter-spacing: -.01em; }
h2 { font-size: .85rem; font-weight: 600; color: var(--faint); margin: 2.4rem 0 .6rem; }
header { display: grid; grid-template-columns: 1fr auto; gap: .3rem 1.5rem; align-items: baseline; }
header nav { display: flex; gap: 1rem; color: var(--faint); font-size: .9rem; }
.facts { grid-column: 1 / -1; display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; color: var(--faint); }
#counts { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; }
#counts b { color: var(--ink); }
#connection { color: var(--run); white-space: nowrap; }
#connection::before, .count::before, .task > p > .name::before, .task > details > summary > .name:first-child::before {
  content: ""; display: inline-block; flex: none; width: .5rem; height: .5rem; margin-right: .5rem; border-radius: 50%;
  background: var(--dot, currentColor); vertical-align: .08em;
}
#connection.off { color: var(--stuck); }
.running { --dot: var(--run); }
.waiting { --dot: var(--wait); }
.stopping { --dot: var(--stop); }
.stuck { --dot: var(--stuck); }
.count.stuck { color: var(--stuck); font-weight: 600; }
.note, .folded, .of { color: var(--faint); }
.of { font-weight: 400; }
.id, .times { color: var(--faint); font-weight: 400; font-size: .85em; }
.kind { color: var(--faint); margin-right: .3rem; }
.resource { font: .87em var(--mono); }
.holder { color: var(--stuck); }
.reason, .badge.stop { color: var(--stop); }
.badge { border: 1px solid currentColor; border-radius: 1rem; padding: 0 .5rem; margin: 0 .2rem; font-size: .82em; white-space: nowrap; }
.badge.limit { color: var(--stop); } .badge.limit time { color: inherit; }
.badge.stop { white-space: normal; }
.badge.stuck { color: var(--stuck); }
@media (max-width: 40rem) {
  body { padding-top: 1rem; }
  header { grid-template-columns: 1fr; }
  h2 { margin-top: 1.8rem; }
}
@media print { nav { display: none; } }
`;
