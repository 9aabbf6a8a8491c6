import type { ScopeView, TaskReference, WaitView } from "../../../asyncio/index.ts";
import { type Html, html } from "../../../web/index.ts";
import { formatDuration } from "../../text/format-duration.ts";
import { printable } from "../../printable.ts";
import type { SeenLimits } from "../seen-limits.ts";
import type { Whereabouts } from "../whereabouts.ts";

/** The pieces of a line: times that the browser counts on, references to tasks, waits, and badges. */
export class Words {
  readonly #at: number;
  readonly #whereabouts: Whereabouts;
  readonly #limits: SeenLimits;

  /** @param at When the process was looked at, in milliseconds since 1970. */
  constructor(at: number, whereabouts: Whereabouts, limits: SeenLimits) {
    this.#at = at;
    this.#whereabouts = whereabouts;
    this.#limits = limits;
  }

  /** What is waited for, since when, until when, and who holds it. */
  wait({ resource, ms, dueIn, heldBy, line }: WaitView): Html {
    return html`<span class="resource">${printable(resource)}</span> ${this.since(ms)}${
      dueIn !== undefined && html`<span class="note">, ${this.#left(dueIn)} left</span>`
    }${heldBy !== undefined && html`, <span class="holder">held by ${this.reference(heldBy)}</span>`}${
      line !== undefined && html` <code>${printable(line)}</code>`
    }`;
  }

  /** What is to be said of a scope besides its kind. */
  marks({ stopping, dueIn, masked }: ScopeView): Html {
    return html`${stopping !== undefined && html` <span class="badge stop">asked to stop: ${printable(stopping)}</span>`}${
      dueIn !== undefined && this.#limit(dueIn)
    }${masked && html` <span class="note">cancellations wait</span>`}`;
  }

  /** A task to go to: `GET /deadlock › first (17)`. */
  reference({ id, name }: TaskReference): Html {
    const request = this.#whereabouts.requestOf(id);
    return html`<a href="#task-${id}"
      >${request !== undefined && html`<span class="of">${printable(request.name)} ›</span> `}${named(name, id)}</a
    >`;
  }

  /** For how long something has lasted. */
  since(ms: number): Html {
    return html`<time data-since="${rounded(this.#at - ms)}">${formatDuration(ms)}</time>`;
  }

  #left(ms: number): Html {
    return html`<time data-until="${rounded(this.#at + ms)}">${formatDuration(ms)}</time>`;
  }

  // The browser shows it as soon as less is left than the threshold.
  #limit(ms: number): Html {
    const threshold = this.#limits.threshold(rounded(this.#at + ms), ms);
    const attribute = ms > threshold ? html` hidden` : html``;
    return html` <span class="badge limit" data-below="${threshold}" ${attribute}>${this.#left(ms)} left</span>`;
  }
}

/** A name with its number, which is fainter. */
export function named(name: string, id: number): Html {
  return html`${name === "" ? "(no name)" : printable(name)} <span class="id">(${id})</span>`;
}

// The same moment at each look.
function rounded(time: number): number {
  return Math.round(time / 10) * 10;
}
