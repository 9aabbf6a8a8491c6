/** The style of the figures, the deadlocks, the tree and the cancellations. */
export const sectionStyle = `
#figures:not(:empty) { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: .6rem; margin-top: 1.2rem; }
.figure { position: relative; overflow: hidden; padding: .5rem .8rem .6rem; border-radius: .4rem; background: var(--panel); font-size: .9rem; }
.figure .name { color: var(--faint); font-size: .9em; }
.figure span:not(:last-child)::after { content: " ·"; color: var(--faint); }
.figure p:not(.name) span { display: inline-block; }
.figure .zero { color: var(--faint); }
.figure.short span:last-child { color: var(--stop); font-weight: 600; }
.meter { position: absolute; inset: auto 0 0; width: 100%; height: 3px; background: var(--line); }
.meter rect { fill: var(--wait); }
.short .meter rect { fill: var(--stop); }
.deadlock { margin-top: 1.4rem; padding: .9rem 1.2rem 1rem; border-radius: .4rem; border-left: .3rem solid var(--stuck); background: var(--panel); }
.deadlock h2 { color: var(--stuck); margin: 0 0 .3rem; }
.deadlock li { overflow-wrap: anywhere; }
.deadlock li + li { margin-top: .3rem; }
#tree ul ul { margin-left: .5rem; border-left: 1px solid var(--line); padding-left: 1.05rem; }
#tree li > p, #tree summary { padding: .1rem .4rem .1rem .3rem; border-radius: .3rem; overflow-wrap: anywhere; }
#tree li > p:hover, #tree summary:hover { background: var(--panel); }
#tree li:target > p, #tree li:target > details > summary { outline: 2px solid var(--wait); }
#tree .task > p, #tree .task > details > summary { padding-left: 1.3rem; text-indent: -1rem; }
#tree .resource ~ .note { white-space: nowrap; }
#tree summary { cursor: pointer; list-style: none; }
#tree summary::-webkit-details-marker { display: none; }
#tree summary::after {
  content: ""; display: inline-block; width: .4rem; height: .4rem; margin-left: .6rem; vertical-align: .12em;
  border: solid var(--faint); border-width: 0 1.5px 1.5px 0; transform: rotate(-45deg);
}
#tree details[open] > summary::after { transform: rotate(45deg) translate(-.1rem, -.1rem); }
.task > p > .name, .task > details > summary > .name { font-weight: 600; margin-right: .3rem; }
.task.stuck > p > .name { color: var(--stuck); }
.server { margin-top: .5rem; color: var(--faint); }
.server summary .name { font-weight: 400; }
#cancellations li { display: grid; grid-template-columns: auto 1fr; gap: .9rem; padding: .15rem .3rem; }
#cancellations .name { font-weight: 600; margin-right: .2rem; }
#cancellations .note { display: inline-block; }
#cancellations .note::before { content: "·"; margin: 0 .3rem 0 .1rem; }
@media (max-width: 40rem) {
  #figures:not(:empty) { grid-template-columns: 1fr; }
  #tree ul ul { margin-left: .3rem; padding-left: .6rem; }
  #cancellations li { display: block; padding: .3rem 0; }
  #cancellations li > p { display: inline; }
}
`;
