import { clockScript } from "./script-clock.ts";
import { morphScript } from "./script-morph.ts";
import { timelineScript } from "./script-timeline.ts";

/** The script of the page. It receives parts of the page when they change, and meanwhile keeps counting times. */
export const pageScript: string = `
"use strict";
${clockScript}${morphScript}${timelineScript}
function tick() {
  tellTime();
  moveAlong();
}

// In a short window a quarter of a second is a leap.
function glide() {
  if (span < 20000 && !isCalm.matches && !document.hidden) moveAlong();
  requestAnimationFrame(glide);
}

const state = document.getElementById("connection");
const source = new EventSource(document.body.dataset.events);
source.onmessage = (event) => {
  const { at, parts } = JSON.parse(event.data);
  ahead = Date.now() - at;
  showParts(parts);
  keepReachable();
  tick();
};
source.onopen = () => { state.textContent = "live"; state.className = ""; };
source.onerror = () => { state.textContent = "not connected, trying again"; state.className = "off"; };
setInterval(tick, 250);
keepReachable();
tick();
glide();
`;
