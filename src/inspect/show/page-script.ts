/**
 * The script of the page. It takes parts of the page as they change, and puts what is new in their place: what is the
 * same stays, so that a selection does as well. Between them it counts times on, and moves the timeline along.
 */
export const pageScript: string = String.raw`
"use strict";
const state = document.getElementById("connection");
let ahead = 0; // of the clock over there

function format(ms) {
  ms = Math.max(0, ms);
  if (Math.round(ms) < 1000) return Math.round(ms) + " ms";
  if (ms < 59950) return (ms / 1000).toFixed(1) + " s";
  const two = (count, per, large, small) => Math.floor(count / per) + " " + large + " " + (count % per) + " " + small;
  if (ms < 3600000) return two(Math.round(ms / 1000), 60, "min", "s");
  if (ms < 86400000) return two(Math.floor(ms / 60000), 60, "h", "min");
  return two(Math.floor(ms / 3600000), 24, "d", "h");
}

function tick() {
  const now = Date.now() - ahead;
  for (const time of document.querySelectorAll("time")) {
    const { since, until, clock } = time.dataset;
    const text = since ? format(now - since) : until ? format(until - now) : new Date(+clock).toTimeString().slice(0, 8);
    if (time.textContent !== text) time.textContent = text;
  }
  for (const lane of document.querySelectorAll("#timeline svg[data-origin]"))
    lane.setAttribute("viewBox", now - lane.dataset.origin - 60000 + " 0 60000 10");
}

const keyOf = (node) => (node.dataset === undefined ? undefined : node.dataset.k);
const matches = (one, other) => one.nodeName === other.nodeName && keyOf(one) === keyOf(other);

function turnInto(old, fresh) {
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  if (old.nodeName !== "TIME") replaceChildren(old, fresh);
}

function replaceChildren(old, fresh) {
  const keyed = new Map([...old.children].filter(keyOf).map((child) => [keyOf(child), child]));
  let place = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    const key = keyOf(wanted);
    const found = key === undefined ? place : keyed.get(key);
    if (found === null || found === undefined || !matches(found, wanted)) old.insertBefore(wanted, place);
    else {
      if (found === place) place = place.nextSibling;
      else old.insertBefore(found, place);
      turnInto(found, wanted);
    }
  }
  while (place !== null) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

function show(parts) {
  for (const [id, content] of Object.entries(parts)) {
    const place = document.getElementById(id);
    if (place === null) continue;
    const template = document.createElement("template");
    template.innerHTML = content;
    replaceChildren(place, template.content);
  }
}

const source = new EventSource(document.body.dataset.events);
source.onmessage = (event) => {
  const { at, parts } = JSON.parse(event.data);
  ahead = Date.now() - at;
  show(parts);
  tick();
};
source.onopen = () => { state.textContent = "live"; state.className = ""; };
source.onerror = () => { state.textContent = "not connected, trying again"; state.className = "off"; };
setInterval(tick, 250);
tick();
`;
