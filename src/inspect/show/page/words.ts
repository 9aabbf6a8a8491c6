import type { ScopeView, TaskReference, WaitView } from "../../../asyncio/index.ts";
import { type Html, html } from "../../../web/index.ts";
import { formatDuration } from "../../text/format-duration.ts";
import { printable } from "../../printable.ts";
import type { SeenLimits } from "../seen-limits.ts";
import type { Whereabouts } from "../whereabouts.ts";

/** The parts of a line: times, which the browser keeps counting, references to tasks, waits, and badges. */
export class Words {
  readonly #at: number;
  readonly #whereabouts: Whereabouts;
  readonly #limits: SeenLimits;

  /** @param at - The time of the snapshot, in milliseconds since 1970. */
  constructor(at: number, whereabouts: Whereabouts, limits: SeenLimits) {
    this.#at = at;
    this.#whereabouts = whereabouts;
    this.#limits = limits;
  }

  /** A wait: its resource, its duration, the time left, and the task that holds the resource. */
  wait({ resource, ms, dueIn, heldBy, line }: WaitView): Html {
    return html`<span class="resource">${printable(resource)}</span> ${this.since(ms)}${
      dueIn !== undefined && html`<span class="note">, ${this.#left(dueIn)} left</span>`
    }${heldBy !== undefined && html`, <span class="holder">held by ${this.reference(heldBy)}</span>`}${
      line !== undefined && html` <code>${printable(line)}</code>`
    }`;
  }

  /** The badges of a scope: its state besides its kind. */
  marks({ stopping, dueIn, masked }: ScopeView): Html {
    return html`${stopping !== undefined && html` <span class="badge stop">asked to stop: ${printable(stopping)}</span>`}${
      dueIn !== undefined && this.#limit(dueIn)
    }${masked && html` <span class="note">cancellations wait</span>`}`;
  }

  /** A link to a task: `GET /deadlock › first (17)`. */
  reference({ id, name }: TaskReference): Html {
    const request = this.#whereabouts.requestOf(id);
    return html`<a href="#task-${id}"
      >${request !== undefined && html`<span class="of">${printable(request.name)} ›</span> `}${named(name, id)}</a
    >`;
  }

  /** A duration up to now, which the browser keeps counting. */
  since(ms: number): Html {
    return html`<time data-since="${rounded(this.#at - ms)}">${formatDuration(ms)}</time>`;
  }

  #left(ms: number): Html {
    return html`<time data-until="${rounded(this.#at + ms)}">${formatDuration(ms)}</time>`;
  }

  // The time left of a limit. The browser shows it when it is below the threshold.
  #limit(ms: number): Html {
    const threshold = this.#limits.threshold(rounded(this.#at + ms), ms);
    const attribute = ms > threshold ? html` hidden` : html``;
    return html` <span class="badge limit" data-below="${threshold}" ${attribute}>${this.#left(ms)} left</span>`;
  }
}

/** A name with its number in a fainter colour. */
export function named(name: string, id: number): Html {
  return html`${name === "" ? "(no name)" : printable(name)} <span class="id">(${id})</span>`;
}

// Rounded, so that the same moment has the same text in each snapshot.
function rounded(time: number): number {
  return Math.round(time / 10) * 10;
}
