import { type Html, html } from "../../../web/index.ts";
import { formatCount } from "../../text/describe.ts";
import { printable } from "../../printable.ts";
import { historyLength } from "../../record/history.ts";
import type { Lane, LaneSpan, Timeline } from "../timeline.ts";

/** Renders the timeline. Positions are milliseconds; the browser chooses the visible window, and moves it. */
export function renderTimeline({ lanes, more, missed, since }: Timeline, at: number): Html {
  if (lanes.length === 0) return html`<p class="note">No task yet.</p>`;
  return html`<ul data-since="${since ?? ""}">
      ${lanes.map((lane, i) => renderLane(lane, lanes[i - 1], at))}
    </ul>
    ${
      more > 0 && html`<p class="note">… and ${formatCount(more)} more</p>`
    }${missed > 0 && html`<p class="note">${formatCount(missed)} tasks were not followed, as there were too many at once</p>`}`;
}

function renderLane(lane: Lane, before: Lane | undefined, at: number): Html {
  const { id, tasks, spans, request, depth } = lane;
  const name = printable(lane.name);
  const origin = originOf(at);
  const start = Math.round(at - origin - historyLength);
  const isAlone = request !== undefined && before?.request?.id !== request.id && before?.id !== request.id;
  return html`<li data-k="l${id}" class="d${depth}">
    <span class="name" title="${name}"
      >${isAlone && html`<span class="of">${printable(request.name)} ›</span> `}${name}${
        tasks > 1 && html` <span class="times">×${formatCount(tasks)}</span>`
      }</span
    ><svg
      role="group"
      aria-label="${request === undefined ? "" : `${printable(request.name)} › `}${name} (${id})"
      preserveAspectRatio="none"
      viewBox="${start} 0 ${historyLength} 10"
      data-origin="${origin}"
    >
      ${spans.map((span, i) => renderSpan(span, spans[i - 1], origin))}
    </svg>
  </li>`;
}

// The time to which positions are relative. They are not relative to 1970, because browsers draw with limited
// precision. The origin stays the same for minutes.
function originOf(at: number): number {
  return Math.floor(at / 600_000) * 600_000;
}

const endless = 4 * historyLength;

// The browser makes the tooltip of a span from the span's attributes. The attribute k begins with the number of the
// task.
function renderSpan(span: LaneSpan, before: LaneSpan | undefined, origin: number): Html {
  const { state, start, end, resource, why, task } = span;
  const isSecond = before?.task === task && before.start === start;
  const width = end === undefined ? endless : Math.max(1, end - start);
  const isWait = state === "wait";
  return html`<rect
    class="${state}"
    data-k="${task}-${start - origin}${isSecond && "b"}"
    x="${start - origin}"
    y="${isWait ? 3 : 1}"
    width="${width}"
    height="${isWait ? 4 : 8}"
    ${resource !== undefined && html` data-r="${printable(resource)}"`}
    ${why !== undefined && html` data-w="${printable(why)}"`}
    ${end === undefined && html` data-o="1"`}
  />`;
}
