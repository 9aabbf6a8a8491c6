/** The style of the timeline: names at the left, lanes on a grid of seconds, and the tooltip of a bar. */
export const timelineStyle = `
.key { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; color: var(--faint); font-size: .85em; margin-bottom: .8rem; }
.key svg { width: .9rem; height: .6rem; margin-right: .4rem; }
#chart { --names: 15rem; position: relative; }
#grid { position: absolute; inset: 0 0 0 calc(var(--names) + .8rem); width: calc(100% - var(--names) - .8rem); height: 100%; overflow: visible; pointer-events: none; }
#grid line { stroke: var(--line); }
#grid text { fill: var(--faint); font-size: 11.5px; }
#timeline { padding-top: 1.5rem; }
#timeline li { position: relative; display: grid; grid-template-columns: var(--names) 1fr; gap: .8rem; align-items: center; }
#timeline li.d0:not(:first-child) { margin-top: .35rem; }
#timeline .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-size: .9em; line-height: 1.45; }
#timeline .d0 .name { font-weight: 600; }
#timeline .d1 .name { padding-left: 1rem; } #timeline .d2 .name { padding-left: 2rem; } #timeline .d3 .name { padding-left: 3rem; }
#timeline li svg { width: 100%; height: 1.15rem; display: block; overflow: hidden; cursor: crosshair; }
#timeline li:hover { background: color-mix(in srgb, var(--panel) 70%, transparent); }
#chart rect, .key rect { fill: var(--wait); }
#chart rect.run, .key rect.run { fill: var(--run); }
#chart rect.stop, .key rect.stop { fill: var(--stop); }
#chart rect.cancelled, #chart rect.failed, .key rect.cancelled { fill: var(--stuck); }
/* Even the shortest is a hair wide. */
#timeline rect { stroke: var(--wait); stroke-width: 1; vector-effect: non-scaling-stroke; outline: none; }
#timeline rect.run { stroke: var(--run); }
#timeline rect.stop { stroke: var(--stop); }
#timeline rect.cancelled, #timeline rect.failed { stroke: var(--stuck); stroke-width: 2; }
#timeline rect:hover { filter: brightness(1.15); }
#timeline rect:focus-visible { stroke: var(--ink); stroke-width: 3; }
#timeline .note { margin-top: .5rem; }
#tip {
  position: absolute; z-index: 1; display: grid; max-width: min(26rem, 100%); padding: .5rem .8rem; border-radius: .4rem; pointer-events: none;
  background: var(--paper); border: 1px solid var(--line); border-left: 3px solid var(--wait); box-shadow: 0 4px 16px rgb(0 0 0 / .16); font-size: .9rem; overflow-wrap: anywhere;
}
#tip.run { border-left-color: var(--run); } #tip.stop { border-left-color: var(--stop); }
#tip.cancelled, #tip.failed { border-left-color: var(--stuck); }
#tip em { font-style: normal; color: var(--stop); }
#tip.failed em { color: var(--stuck); }
#tip small { color: var(--faint); }
@media (max-width: 40rem) {
  #chart { --names: -.8rem; }
  #timeline li { grid-template-columns: 1fr; gap: 0; padding-bottom: .15rem; }
  #timeline li svg { height: .85rem; }
  #grid text:nth-of-type(even) { display: none; }
}
`;
