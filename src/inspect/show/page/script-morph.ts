/**
 * The part of the script that replaces old content by new content. Unchanged elements are kept, so that the selection,
 * the focus, and elements that the user has opened are kept too. Elements with the same `data-k` count as the same.
 */
export const morphScript: string = String.raw`
const keyOf = (node) => (node.dataset === undefined ? undefined : node.dataset.k);
const matches = (one, other) => one.nodeName === other.nodeName && keyOf(one) === keyOf(other);
// Attributes that this script sets: those that are sent do not replace them.
const own = new Set(["open", "hidden", "tabindex", "viewBox", "aria-label"]);

function turnInto(old, fresh) {
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  if (old.nodeName === "DETAILS" && old.dataset.open !== fresh.dataset.open) old.open = fresh.open;
  for (const { name } of [...old.attributes]) if (!own.has(name) && !fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) {
    if (!own.has(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  if (old.nodeName !== "TIME") replaceChildren(old, fresh);
}

function replaceChildren(old, fresh) {
  const keyed = new Map([...old.children].filter(keyOf).map((child) => [keyOf(child), child]));
  const wantedKeys = new Set([...fresh.children].map(keyOf));
  let place = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    // What is gone goes first: to move what stays would take the focus from it.
    while (place !== null && keyOf(place) !== undefined && !wantedKeys.has(keyOf(place))) place = removed(place);
    const key = keyOf(wanted);
    const found = key === undefined ? place : keyed.get(key);
    if (found === null || found === undefined || !matches(found, wanted)) old.insertBefore(wanted, place);
    else {
      if (found === place) place = place.nextSibling;
      else old.insertBefore(found, place);
      turnInto(found, wanted);
    }
  }
  while (place !== null) place = removed(place);
}

function removed(node) {
  const next = node.nextSibling;
  node.remove();
  return next;
}

function showParts(parts) {
  for (const [id, content] of Object.entries(parts)) {
    const place = document.getElementById(id);
    if (place === null) continue;
    const template = document.createElement("template");
    template.innerHTML = content;
    replaceChildren(place, template.content);
  }
}
`;
