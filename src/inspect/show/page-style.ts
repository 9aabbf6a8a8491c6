/** The style of the page: one column of text, the state of a task by its colour, dark where the reader likes it dark. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#fbfaf7, #16181b);
  --ink: light-dark(#22252a, #d9dce0);
  --faint: light-dark(#6b7079, #8b929c);
  --line: light-dark(#dcd9d0, #2d3137);
  --run: light-dark(#1d7f4e, #57c98a);
  --wait: light-dark(#7a94b8, #5d7ba6);
  --stop: light-dark(#a86100, #e8a94a);
  --stuck: light-dark(#b3261e, #ff8a80);
  --panel: light-dark(#f3f1eb, #1c1f23);
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 78rem; padding: 1.5rem clamp(1rem, 4vw, 3rem) 4rem;
  background: var(--paper); color: var(--ink);
  font: 15px/1.55 ui-sans-serif, system-ui, sans-serif; font-variant-numeric: tabular-nums;
}
header { display: flex; flex-wrap: wrap; gap: .2rem 1.5rem; align-items: baseline; border-bottom: 1px solid var(--line); padding-bottom: .8rem; }
h1 { font-size: 1.25rem; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: .8rem; text-transform: uppercase; letter-spacing: .08em; color: var(--faint); margin: 2rem 0 .5rem; }
header p { margin: 0; color: var(--faint); }
header nav { margin-left: auto; display: flex; gap: 1rem; }
a { color: inherit; text-decoration-color: var(--faint); text-underline-offset: .2em; }
#connection { color: var(--run); }
#connection.off { color: var(--stuck); }
ul, ol { list-style: none; margin: 0; padding: 0; }
p { margin: 0; }
#tree ul ul { margin-left: .45rem; border-left: 1px solid var(--line); padding-left: 1.1rem; }
#tree li > p { padding: .1rem .4rem; border-radius: .3rem; overflow-wrap: anywhere; }
#tree li > p:hover { background: var(--panel); }
#tree li:target > p { outline: 2px solid var(--wait); }
.task > p > .name { font-weight: 600; }
.task > p > .name::before { content: ""; display: inline-block; width: .55rem; height: .55rem; border-radius: 50%; margin-right: .5rem; background: var(--wait); }
.running > p > .name::before { background: var(--run); }
.stopping > p > .name::before { background: var(--stop); }
.stuck > p > .name::before { background: var(--stuck); }
.stuck > p > .name { color: var(--stuck); }
.kind { color: var(--faint); font-style: italic; margin-right: .4rem; }
.resource { font-weight: 500; }
.holder { color: var(--stuck); }
time { color: var(--faint); white-space: nowrap; }
.note, .folded { color: var(--faint); }
.limit { color: var(--faint); }
#tree .limit, #tree .stop { border: 1px solid var(--line); border-radius: 1rem; padding: 0 .5rem; margin: 0 .2rem; font-size: .85em; }
#cancellations .note::before { content: "·"; margin: 0 .3rem; }
.stop, .reason { color: var(--stop); }
code { font: .85em ui-monospace, monospace; color: var(--faint); overflow-wrap: anywhere; }
.deadlock { margin-top: 1.5rem; padding: .2rem 1.2rem 1rem; border-left: .3rem solid var(--stuck); background: var(--panel); }
.deadlock h2 { color: var(--stuck); margin-top: 1rem; }
#cancellations li > p { padding: .15rem 0; overflow-wrap: anywhere; }
#timeline li { display: grid; grid-template-columns: minmax(8rem, 16rem) 1fr; gap: .8rem; align-items: center; padding: .08rem 0; }
#timeline .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-size: .9em; }
#timeline svg { width: 100%; height: 1.1rem; background: var(--panel); border-radius: .2rem; display: block; overflow: hidden; }
rect { fill: var(--wait); }
rect.run { fill: var(--run); }
rect.stop { fill: var(--stop); }
rect.cancelled, rect.failed { fill: var(--stuck); }
.key { display: flex; flex-wrap: wrap; gap: 1.2rem; color: var(--faint); font-size: .85em; margin-bottom: .4rem; }
.key svg { width: .9rem; height: .7rem; margin-right: .4rem; }
`;
