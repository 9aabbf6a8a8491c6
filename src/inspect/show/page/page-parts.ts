// The parts of the page that change. The passing of time alone does not change them: a duration is sent as its starting
// time, and the browser counts. So a part is sent again only if an event has changed it.

import type { TaskState } from "../../../asyncio/index.ts";
import { type Html, html } from "../../../web/index.ts";
import { formatCount } from "../../text/describe.ts";
import type { Snapshot } from "../../record/snapshot.ts";
import type { SeenLimits } from "../seen-limits.ts";
import type { Timeline } from "../timeline.ts";
import type { Whereabouts } from "../whereabouts.ts";
import { renderCancellations } from "./cancellation-parts.ts";
import { renderFigures } from "./figure-parts.ts";
import { renderTimeline } from "./timeline-parts.ts";
import { TreeParts } from "./tree-parts.ts";
import { Words } from "./words.ts";

type PartName = "counts" | "figures" | "deadlocks" | "tree" | "cancellations" | "timeline";

/** The parts of the page, by the IDs of their elements. */
export type PageParts = Readonly<Record<PartName, string>>;

/** The data for the page at one moment. */
export interface PageContent {
  readonly snapshot: Snapshot;
  readonly timeline: Timeline;
  readonly whereabouts: Whereabouts;
  readonly limits: SeenLimits;
}

/** Renders the parts of the page. */
export function renderParts({ snapshot, timeline, whereabouts, limits }: PageContent): PageParts {
  limits.begin();
  const tree = new TreeParts(new Words(snapshot.at, whereabouts, limits), whereabouts);
  const { deadlocks, cancellations = [], figures = [] } = snapshot;
  return {
    counts: compact(renderCounts(snapshot.counts)),
    figures: compact(renderFigures(figures)),
    deadlocks: compact(html`${deadlocks.map((circle) => tree.deadlock(circle))}`),
    tree: compact(tree.root(snapshot.root)),
    cancellations: compact(renderCancellations(cancellations)),
    timeline: compact(renderTimeline(timeline, snapshot.at)),
  };
}

// Removes the indentation of the templates, which need not be sent.
function compact(part: Html): string {
  return String(part)
    .replaceAll(/\s*\n\s*/g, " ")
    .trim();
}

function renderCounts(counts: Readonly<Record<TaskState, number>>): Html {
  const entries = Object.entries(counts).filter(([, count]) => count > 0);
  const total = entries.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return html`<span>no tasks</span>`;
  return html`<span><b>${formatCount(total)}</b> ${total === 1 ? "task" : "tasks"}</span>
    ${entries.map(([state, count]) => html`<span class="count ${state}">${formatCount(count)} ${state}</span> `)}`;
}
