import { type Html, html } from "../../../web/index.ts";
import { formatCount } from "../../text/describe.ts";
import { formatDuration } from "../../text/format-duration.ts";
import { printable } from "../../printable.ts";
import type { CancellationRecord } from "../../record/cancellation-log.ts";
import { named } from "./words.ts";

const cancellationsShown = 20;

/** Renders the last cancellations, the newest first. */
export function renderCancellations(records: readonly CancellationRecord[]): Html {
  if (records.length === 0) return html`<p class="note">None yet.</p>`;
  return html`<ol>
    ${records.slice(0, cancellationsShown).map(renderCancellation)}
  </ol>`;
}

function renderCancellation(record: CancellationRecord): Html {
  const { at, task, request, scope, reason, requestedBy, others, endedAfter } = record;
  return html`<li data-k="${at}-${task?.id ?? 0}">
    <time data-clock="${at}">${clock(at)}</time>
    <p>
      ${scope !== "task" && html`<span class="kind">${printable(scope)}</span> `}${
        task !== undefined &&
        html`<span class="name"
          >${request !== undefined && html`<span class="of">${printable(request.name)} ›</span> `}${named(task.name, task.id)}</span
        >`
      } <span class="reason">${printable(reason)}</span>${
        requestedBy !== undefined && html` <span class="note">asked by ${printable(requestedBy)}</span>`
      }${others > 0 && html` <span class="note">${formatCount(others)} more with it</span>`}${
        endedAfter !== undefined && html` <span class="note">ended after ${formatDuration(endedAfter)}</span>`
      }
    </p>
  </li>`;
}

function clock(at: number): string {
  return new Date(at).toTimeString().slice(0, 8);
}
