/** The part of the script that keeps counting times, and shows the time left of a limit when little is left. */
export const clockScript: string = String.raw`
let ahead = 0; // of the clock over there
const now = () => Date.now() - ahead;

function format(ms) {
  ms = Math.max(0, ms);
  if (Math.round(ms) < 1000) return Math.round(ms) + " ms";
  if (ms < 59950) return (ms / 1000).toFixed(1) + " s";
  const two = (count, per, large, small) => Math.floor(count / per) + " " + large + " " + (count % per) + " " + small;
  if (ms < 3600000) return two(Math.round(ms / 1000), 60, "min", "s");
  if (ms < 86400000) return two(Math.floor(ms / 60000), 60, "h", "min");
  return two(Math.floor(ms / 3600000), 24, "d", "h");
}

const clockOf = (at) => new Date(at).toTimeString().slice(0, 8);

function tellTime() {
  const at = now();
  for (const time of document.querySelectorAll("time")) {
    const { since, until, clock } = time.dataset;
    const text = since ? format(at - since) : until ? format(until - at) : clockOf(+clock);
    if (time.textContent !== text) time.textContent = text;
  }
  for (const badge of document.querySelectorAll(".limit")) {
    badge.hidden = badge.querySelector("time").dataset.until - at > badge.dataset.below;
  }
}
`;
