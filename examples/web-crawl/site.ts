// A site of twenty slow pages.                         run it:  node site.ts [--port NUMBER] [--delay MS] [--fail EPISODE]
import { parseArgs } from "node:util";
import { abort, Pottle } from "pottle";
import { sleep } from "pottle/asyncio";
import { episodes, nameOf } from "./episodes.ts";

/** What the site has seen. */
export interface Figures {
  /** How many pages were asked for. */
  requests: number;
  /** How many of them had not been answered when the first answer left. */
  inFlightAtFirstAnswer: number;
  /** The most that were under way at once. */
  most: number;
  /** Milliseconds from the first request to the last answer. */
  busy: number;
}

const { values } = parseArgs({
  args: import.meta.main ? process.argv.slice(2) : [],
  options: { port: { type: "string" }, delay: { type: "string" }, fail: { type: "string" } },
});
const delay = Number(values.delay ?? 300);
const failing = Number(values.fail);

const app: Pottle = new Pottle(import.meta);
let figures = none();
let inFlight = 0;
let startedAt = 0;

function none(): Figures {
  return { requests: 0, inFlightAtFirstAnswer: 0, most: 0, busy: 0 };
}

app.get("/", () => episodes.map((n) => `<p><a href="${n}">Episode ${n}</a>\n`).join(""));

app.get("/<int:episode>", async ({ episode }) => {
  if (!episodes.includes(episode)) return abort(404);
  arrive();
  try {
    await sleep(delay);
    if (episode === failing) return abort(503, "This page fails on purpose.");
    return pageOf(episode);
  } finally {
    leave();
  }
});

app.get("/figures", () => figures);
app.post("/figures/reset", () => (figures = none()));

function arrive(): void {
  if (figures.requests++ === 0) startedAt = performance.now();
  figures.most = Math.max(figures.most, ++inFlight);
}

function leave(): void {
  figures.inFlightAtFirstAnswer ||= inFlight;
  figures.busy = performance.now() - startedAt;
  inFlight--;
}

function pageOf(episode: number): string {
  const name = nameOf(episode);
  const text = "<p>Here people talk about it for an hour.\n".repeat(200);
  return `<!doctype html>\n<title>#${episode}: ${name}</title>\n<h1>\n  #${episode}: ${name}\n</h1>\n${text}`;
}

export default app;

if (import.meta.main) {
  // Whoever started it holds its standard input: when they are gone, however that came, so is the site.
  if (!process.stdin.isTTY) process.stdin.resume().once("end", () => process.exit());
  await app.run({ port: Number(values.port ?? 0), onAccess: () => {} });
}
