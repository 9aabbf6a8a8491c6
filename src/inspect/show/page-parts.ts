// The parts of the page that change. What only grows older does not change them: times are sent as the moment at which
// something began, and the browser counts. So a part is sent again only if something has happened in it.

import type { DeadlockLink, FoldedTasks, ScopeView, TaskReference, TaskView, WaitView } from "../../asyncio/index.ts";
import { type Html, html } from "../../web/index.ts";
import type { CancellationRecord } from "../record/cancellation-log.ts";
import { describeCounts, describeTask, formatCount } from "../describe.ts";
import { formatDuration } from "../format-duration.ts";
import { printable } from "../printable.ts";
import type { Snapshot } from "../snapshot.ts";
import { historyLength } from "../record/history.ts";
import type { Lane, LaneSpan, Timeline } from "./timeline.ts";

/** The parts of the page, by the ids of the elements that they stand in. */
export type PageParts = Readonly<Record<"counts" | "deadlocks" | "tree" | "cancellations" | "timeline", string>>;

/** Makes the parts of the page. */
export function renderParts(snapshot: Snapshot, timeline: Timeline): PageParts {
  const tree = new TreeParts(snapshot.at);
  return {
    counts: describeCounts(snapshot.counts),
    deadlocks: String(html`${snapshot.deadlocks.map((circle) => tree.deadlock(circle))}`),
    tree: String(tree.under(snapshot.root)),
    cancellations: String(renderCancellations(snapshot.cancellations ?? [])),
    timeline: String(renderTimeline(timeline, snapshot.at)),
  };
}

class TreeParts {
  readonly #at: number;

  constructor(at: number) {
    this.#at = at;
  }

  under(scope: ScopeView, withWaits = true): Html {
    const { scopes, tasks, folded, more } = scope;
    const waits = withWaits ? scope.waits : [];
    if (waits.length + scopes.length + tasks.length + folded.length + more === 0) return html``;
    return html`<ul>
      ${waits.map((wait) => html`<li class="wait"><p>waits for ${this.#wait(wait)}</p></li>`)}${scopes.map((child, i) =>
        this.#scope(child, i),
      )}${tasks.map((task) => this.#task(task))}${folded.map((one) => this.#folded(one))}${
        more > 0 && html`<li class="folded"><p>… and ${formatCount(more)} more waits and scopes</p></li>`
      }
    </ul>`;
  }

  deadlock(circle: readonly DeadlockLink[]): Html {
    return html`<section class="deadlock">
      <h2>Deadlock</h2>
      <ol>
        ${circle.map(
          ({ task, waits, blocker }) =>
            html`<li>
              ${reference(task)} waits for
              ${this.#wait(waits)}${waits.heldBy === undefined && html`, which ${reference(blocker)} would end`}
            </li>`,
        )}
      </ol>
    </section>`;
  }

  #scope(scope: ScopeView, index: number): Html {
    const wait = onlyWait(scope);
    return html`<li class="scope" data-k="s${index}">
      <p>
        <span class="kind">${printable(scope.kind)}</span>${this.#marks(scope)}
        ${wait !== undefined && this.#wait(wait)}
      </p>
      ${this.under(scope, wait === undefined)}
    </li>`;
  }

  #task(task: TaskView): Html {
    const wait = onlyWait(task);
    const waiting = wait === undefined ? undefined : this.#wait(wait);
    const running = html`<span class="note">runs, or awaits a promise that is not Pottle's</span>`;
    return html`<li class="task ${task.state}" id="task-${task.id}" data-k="t${task.id}">
      <p>
        <span class="name">${describeTask(task)}</span>${this.#marks(task)}
        ${task.state === "running" ? running : waiting}
      </p>
      ${this.under(task, wait === undefined)}
    </li>`;
  }

  #folded({ count, below, waits, ms }: FoldedTasks): Html {
    return html`<li class="folded">
      <p>
        … and ${formatCount(count)}
        more${
          below > 0 && ` with ${formatCount(below)} below`
        }${waits !== undefined && html` that wait for ${printable(waits)}, the first for ${this.#since(ms ?? 0)}`}
      </p>
    </li>`;
  }

  #wait({ resource, ms, dueIn, heldBy, line }: WaitView): Html {
    return html`<span class="resource">${printable(resource)}</span> ${this.#since(ms)}${
      dueIn !== undefined && html`<span class="note">, ${this.#left(dueIn)} left</span>`
    }${heldBy !== undefined && html`, <span class="holder">held by ${reference(heldBy)}</span>`}${
      line !== undefined && html` <code>${printable(line)}</code>`
    }`;
  }

  #marks({ stopping, dueIn, masked }: ScopeView): Html {
    return html`${stopping !== undefined && html` <span class="stop">asked to stop: ${printable(stopping)}</span>`}${
      dueIn !== undefined && html` <span class="limit">${this.#left(dueIn)} left</span>`
    }${masked && html` <span class="note">cancellations wait</span>`}`;
  }

  #since(ms: number): Html {
    return html`<time data-since="${rounded(this.#at - ms)}">${formatDuration(ms)}</time>`;
  }

  #left(ms: number): Html {
    return html`<time data-until="${rounded(this.#at + ms)}">${formatDuration(ms)}</time>`;
  }
}

// The same moment at each look.
function rounded(time: number): number {
  return Math.round(time / 10) * 10;
}

function reference({ id, name }: TaskReference): Html {
  return html`<a href="#task-${id}">${printable(name)} (${id})</a>`;
}

// What is all there is to say of a scope stands in its own line.
function onlyWait({ waits, scopes, more }: ScopeView): WaitView | undefined {
  return waits.length === 1 && scopes.length === 0 && more === 0 ? waits[0] : undefined;
}

function renderCancellations(records: readonly CancellationRecord[]): Html {
  if (records.length === 0) return html`<p class="note">None yet.</p>`;
  return html`<ol>
    ${records.slice(0, cancellationsShown).map(
      (record) =>
        html`<li data-k="${record.at}-${record.task?.id ?? 0}">
          <p>
            <time data-clock="${record.at}">${clock(record.at)}</time>
            ${record.scope !== "task" && html`<span class="kind">${printable(record.scope)}</span> `}${
              record.task === undefined
                ? ""
                : html`<span class="name">${printable(record.task.name)} (${record.task.id})</span>`
            } <span class="reason">${printable(record.reason)}</span>${
              record.requestedBy !== undefined &&
              html` <span class="note">asked by ${printable(record.requestedBy)}</span>`
            }${record.others > 0 && html` <span class="note">${formatCount(record.others)} more with it</span>`}${
              record.endedAfter !== undefined &&
              html` <span class="note">ended after ${formatDuration(record.endedAfter)}</span>`
            }
          </p>
        </li>`,
    )}
  </ol>`;
}

const cancellationsShown = 20;

function clock(at: number): string {
  return new Date(at).toTimeString().slice(0, 8);
}

function renderTimeline({ lanes, more, missed }: Timeline, at: number): Html {
  if (lanes.length === 0) return html`<p class="note">No task yet.</p>`;
  return html`<ul>
      ${lanes.map((lane) => renderLane(lane, at))}
    </ul>
    ${
      more > 0 && html`<p class="note">… and ${formatCount(more)} more</p>`
    }${missed > 0 && html`<p class="note">${formatCount(missed)} tasks were not followed, as there were too many at once</p>`}`;
}

// Positions are milliseconds; the browser moves the window along.
function renderLane({ name, id, tasks, spans }: Lane, at: number): Html {
  const origin = originOf(at);
  const start = Math.round(at - origin - historyLength);
  return html`<li data-k="l${id}">
    <span class="name" title="${printable(name)}">${printable(name)}${tasks > 1 && ` ×${formatCount(tasks)}`}</span
    ><svg role="img" preserveAspectRatio="none" viewBox="${start} 0 ${historyLength} 10" data-origin="${origin}">
      ${spans.map((span) => renderSpan(span, origin))}
    </svg>
  </li>`;
}

// Not since 1970: browsers draw with numbers of few digits. It stays the same for minutes.
function originOf(at: number): number {
  return Math.floor(at / 600_000) * 600_000;
}

const endless = 4 * historyLength;

function renderSpan({ state, start, end, resource }: LaneSpan, origin: number): Html {
  const width = end === undefined ? endless : Math.max(60, end - start);
  return html`<rect
    class="${state}"
    x="${start - origin}"
    y="${state === "wait" ? 3 : 1}"
    width="${width}"
    height="${state === "wait" ? 4 : 8}"
    ><title>${resource === undefined ? titles[state] : `waits for ${printable(resource)}`}</title></rect
  >`;
}

const titles: Readonly<Record<LaneSpan["state"], string>> = {
  run: "runs, or awaits a promise that is not Pottle's",
  wait: "waits",
  stop: "was asked to stop",
  cancelled: "was cancelled",
  failed: "failed",
};
