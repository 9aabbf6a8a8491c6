/**
 * The part of the script that moves the timeline and shows tooltips for its bars. The visible window begins with the
 * first task of the last minute; it is five seconds to one minute long. The tooltip of a bar is shown when the mouse
 * points at the bar, or when the bar is reached with the arrow keys.
 */
export const timelineScript: string = String.raw`
const chart = document.getElementById("chart");
const timeline = document.getElementById("timeline");
const grid = document.getElementById("grid");
const tip = document.getElementById("tip");
const isCalm = matchMedia("(prefers-reduced-motion: reduce)");
let span = 0; // of the window, in milliseconds
let told; // the bar that is told of

function wantedSpan() {
  const since = timeline.querySelector("ul")?.dataset.since;
  return Math.min(60000, Math.max(5000, since ? (now() - since) * 1.02 : 0));
}

function moveAlong() {
  const wanted = wantedSpan();
  const step = (wanted - span) * 0.2;
  span = span === 0 || isCalm.matches || Math.abs(step) < 2 ? wanted : span + step;
  const at = now();
  for (const lane of timeline.querySelectorAll("svg")) {
    lane.setAttribute("viewBox", Math.round(at - lane.dataset.origin - span) + " 0 " + Math.round(span) + " 10");
  }
  drawGrid();
  if (told !== undefined) tell(told);
}

function drawGrid() {
  const every = [1, 2, 5, 10].find((seconds) => span / 1000 / seconds <= 6.5);
  let content = "";
  for (let ago = 0; ago * 1000 <= span; ago += every) {
    const x = (100 - (ago * 100000) / span).toFixed(2) + "%";
    const anchor = ago === 0 ? "end" : "middle";
    content += '<line x1="' + x + '" x2="' + x + '" y1="20" y2="100%" />';
    if (ago === 0 || ago * 1000 < span * 0.97) {
      content += '<text x="' + x + '" y="12" text-anchor="' + anchor + '">' + (ago === 0 ? "now" : "−" + ago + " s") + "</text>";
    }
  }
  if (grid.innerHTML !== content) grid.innerHTML = content;
}

const states = {
  run: "ran, or awaited a promise that is not Pottle's",
  stop: "is stopping",
  cancelled: "was cancelled",
  failed: "failed",
};

function describe(bar) {
  const lane = bar.ownerSVGElement;
  const start = +lane.dataset.origin + +bar.getAttribute("x");
  const isOpen = bar.dataset.o === "1";
  const lasted = isOpen ? now() - start : +bar.getAttribute("width");
  const state = bar.getAttribute("class");
  const name = lane.getAttribute("aria-label").replace(/ \(\d+\)$/, "");
  let what = states[state];
  if (state === "wait") what = (isOpen ? "waits for " : "waited for ") + bar.dataset.r;
  else if (state === "run" && isOpen) what = "runs, or awaits a promise that is not Pottle's";
  return {
    title: name + " (" + bar.dataset.k.split("-")[0] + ")",
    what: state === "failed" ? what : what + (state === "cancelled" ? ", and ended after " : ", ") + format(lasted),
    why: bar.dataset.w,
    when: "from " + clockOf(start) + ", " + format(now() - start) + " ago",
  };
}

function tell(bar) {
  if (!bar.isConnected) return hush();
  told = bar;
  const said = describe(bar);
  const lines = [["strong", said.title], ["span", said.what], ["em", said.why], ["small", said.when]].filter(([, text]) => text);
  tip.replaceChildren(...lines.map(([tag, text]) => Object.assign(document.createElement(tag), { textContent: text })));
  tip.className = bar.getAttribute("class");
  bar.setAttribute("aria-label", Object.values(said).filter(Boolean).join("; "));
  tip.hidden = false;
  const frame = chart.getBoundingClientRect();
  const lane = bar.ownerSVGElement.getBoundingClientRect();
  const box = bar.getBoundingClientRect();
  const middle = (Math.max(box.left, lane.left) + Math.min(box.right, lane.right)) / 2 - frame.left;
  tip.style.left = Math.max(0, Math.min(frame.width - tip.offsetWidth, middle - tip.offsetWidth / 2)) + "px";
  const below = lane.bottom - frame.top + 6;
  const isLow = lane.bottom + tip.offsetHeight + 12 > innerHeight && lane.top - tip.offsetHeight > 12;
  tip.style.top = (isLow ? lane.top - frame.top - tip.offsetHeight - 6 : below) + "px";
}

function hush() {
  told = undefined;
  tip.hidden = true;
}

// The bar nearest to a place on a lane, if it is near enough to be meant.
function nearest(lane, x, most) {
  let [best, least] = [undefined, most];
  for (const bar of lane.children) {
    const { left, right } = bar.getBoundingClientRect();
    const distance = x < left ? left - x : Math.max(0, x - right);
    if (distance < least || (distance === least && distance < most)) [best, least] = [bar, distance];
  }
  return best;
}

function point(event) {
  const lane = event.target.closest?.("#timeline svg");
  const bar = lane ? nearest(lane, event.clientX, 8) : undefined;
  if (bar !== undefined) tell(bar);
  else if (document.activeElement?.matches("#timeline rect:focus-visible")) tell(document.activeElement);
  else hush();
}

// One bar is reached by the tab key, the others from there by the arrows.
function step(bar, key) {
  const { left, right } = bar.getBoundingClientRect();
  if (key === "ArrowLeft") return bar.previousElementSibling;
  if (key === "ArrowRight") return bar.nextElementSibling;
  if (key === "Home") return bar.parentNode.firstElementChild;
  if (key === "End") return bar.parentNode.lastElementChild;
  const way = key === "ArrowUp" ? "previousElementSibling" : "nextElementSibling";
  let row = bar.closest("li")[way];
  while (row !== null && row.querySelector("rect") === null) row = row[way];
  return row === null ? null : nearest(row.querySelector("svg"), Math.max(left, right - 1), Infinity);
}

function focusOn(bar) {
  for (const other of timeline.querySelectorAll("rect[tabindex]")) other.removeAttribute("tabindex");
  bar.setAttribute("tabindex", "0");
  bar.focus();
}

function keepReachable() {
  if (timeline.querySelector("rect[tabindex]") !== null) return;
  [...timeline.querySelectorAll("li:first-child rect")].at(-1)?.setAttribute("tabindex", "0");
}

chart.addEventListener("pointermove", point);
chart.addEventListener("pointerdown", point);
chart.addEventListener("pointerleave", hush);
timeline.addEventListener("focusin", (event) => { if (event.target.matches("rect")) tell(event.target); });
timeline.addEventListener("focusout", hush);
timeline.addEventListener("keydown", (event) => {
  if (event.key === "Escape") return hush();
  if (!/^(Arrow|Home$|End$)/.test(event.key) || !event.target.matches("rect")) return;
  event.preventDefault();
  const next = step(event.target, event.key);
  if (next) focusOn(next);
});
`;
