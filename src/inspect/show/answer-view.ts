import { crypto } from "../../base/node.ts";
import { currentTask, type Task } from "../../asyncio/index.ts";
import { type Exchange, splitTarget } from "../../http/index.ts";
import { formatSnapshot } from "../text/format-snapshot.ts";
import { excludeTask } from "../record/excluded-tasks.ts";
import { pageHeaders, renderPage } from "./page/page.ts";
import { renderParts } from "./page/page-parts.ts";
import { currentHistory, touchRecording } from "../record/recording.ts";
import type { ViewPlace } from "./live-view.ts";
import { SeenLimits } from "./seen-limits.ts";
import { type AccessOptions, findRefusal } from "./refusal.ts";
import { type Snapshot, takeSnapshot } from "../record/snapshot.ts";
import { layTimeline } from "./timeline.ts";
import { type PageState, streamView } from "./view-stream.ts";
import { Whereabouts } from "./whereabouts.ts";

const textHeaders = ["Content-Type", "text/plain; charset=utf-8"];

// The headers of every answer: it must not be cached, content-sniffed, or embedded in a frame.
const commonHeaders = [
  "Cache-Control",
  "no-store",
  "X-Content-Type-Options",
  "nosniff",
  "X-Frame-Options",
  "DENY",
  "Referrer-Policy",
  "no-referrer",
  "Cross-Origin-Resource-Policy",
  "same-origin",
];

/** Answers an exchange. The target is relative to the prefix of the view. */
export async function answer(exchange: Exchange, place: ViewPlace, options: AccessOptions): Promise<void> {
  const { path, query } = splitTarget(place.target);
  const send = routes.get(path);
  const refusal = findRefusal(exchange, options);
  if (refusal !== undefined) return await refuse(exchange, 403, refusal);
  if (send === undefined) return await refuse(exchange, 404, "The live view has no such page.");
  if (exchange.method !== "GET" && exchange.method !== "HEAD") {
    return await refuse(exchange, 405, "The live view can only be read.", ["Allow", "GET, HEAD"]);
  }
  const showsItself = new URLSearchParams(query).has("own");
  if (!showsItself) hideOwn(currentTask());
  await send(exchange, { base: encodeURI(place.basePath ?? ""), showsItself });
}

interface Request {
  /** The path of the view. */
  readonly base: string;
  readonly showsItself: boolean;
}

const routes: ReadonlyMap<string, (exchange: Exchange, request: Request) => Promise<void>> = new Map([
  ["", sendPage],
  ["/", sendPage],
  ["/events", sendEvents],
  ["/tree.txt", sendText],
  ["/snapshot.json", sendJson],
]);

function refuse(exchange: Exchange, status: number, text: string, headers: readonly string[] = []): Promise<void> {
  return exchange.respond(status, [...textHeaders, ...commonHeaders, ...headers], `${text}\n`);
}

async function sendPage(exchange: Exchange, { base, showsItself }: Request): Promise<void> {
  const nonce = crypto().randomBytes(16).toString("base64");
  const { snapshot, parts } = takePageSnapshot(showsItself);
  const query = showsItself ? "?own" : "";
  const page = renderPage(parts, { program: snapshot.program, pid: snapshot.pid, base, query, nonce });
  await exchange.respond(200, [...pageHeaders(nonce), ...commonHeaders], page);
}

async function sendEvents(exchange: Exchange, { showsItself }: Request): Promise<void> {
  const headers = ["Content-Type", "text/event-stream", "X-Accel-Buffering", "no", ...commonHeaders];
  await exchange.respond(
    200,
    headers,
    streamView(() => sharedSnapshot(showsItself)),
  );
}

async function sendText(exchange: Exchange, { showsItself }: Request): Promise<void> {
  await exchange.respond(200, [...textHeaders, ...commonHeaders], `${formatSnapshot(takeOwnSnapshot(showsItself))}\n`);
}

async function sendJson(exchange: Exchange, { showsItself }: Request): Promise<void> {
  const headers = ["Content-Type", "application/json", ...commonHeaders];
  await exchange.respond(200, headers, JSON.stringify(takeOwnSnapshot(showsItself)));
}

function hideOwn(task: Task<unknown> | undefined): void {
  if (task === undefined) return;
  excludeTask(task);
  currentHistory()?.forget(task);
}

function takeOwnSnapshot(showsItself: boolean): Snapshot {
  touchRecording();
  return takeSnapshot(showsItself ? { hide: () => false } : {});
}

interface PageSnapshot extends PageState {
  readonly snapshot: Snapshot;
}

const limits = new SeenLimits();
const sharedFor = 200;
const shared = new Map<boolean, PageState>();

// One snapshot for all open pages.
function sharedSnapshot(showsItself: boolean): PageState {
  const last = shared.get(showsItself);
  if (last !== undefined && Math.abs(Date.now() - last.at) < sharedFor) return last;
  const fresh = takePageSnapshot(showsItself);
  shared.set(showsItself, fresh);
  return fresh;
}

function takePageSnapshot(showsItself: boolean): PageSnapshot {
  const history = touchRecording();
  const snapshot = takeOwnSnapshot(showsItself);
  const [timeline, whereabouts] = [layTimeline(history), new Whereabouts()];
  const parts = renderParts({ snapshot, timeline, whereabouts, limits });
  return { at: snapshot.at, snapshot, parts };
}
