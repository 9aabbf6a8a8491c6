import type { Figures } from "../../../asyncio/index.ts";
import { type Html, html } from "../../../web/index.ts";
import { formatCount } from "../../text/describe.ts";
import { type FigureWords, wordFigures } from "../../text/describe-figures.ts";

const figuresShown = 12;

/** Renders a tile for each pool and client: how much of it is in use, and how many callers wait. */
export function renderFigures(figures: readonly Figures[]): Html {
  const more = figures.length - figuresShown;
  return html`${figures.slice(0, figuresShown).map((one, i) => renderFigure(wordFigures(one), i))}${
    more > 0 && html`<p class="note">… and ${formatCount(more)} more</p>`
  }`;
}

function renderFigure({ name, parts, inUse, capacity, waiting }: FigureWords, index: number): Html {
  return html`<div class="figure${waiting > 0 && " short"}" data-k="f${index}">
    <p class="name">${name}</p>
    <p>${parts.map((part) => html`<span class="${part.startsWith("0 ") && "zero"}">${part}</span> `)}</p>
    ${
      inUse !== undefined &&
      capacity !== undefined &&
      html`<svg class="meter" viewBox="0 0 ${capacity} 1" preserveAspectRatio="none" aria-hidden="true">
        <rect width="${Math.min(inUse, capacity)}" height="1"></rect>
      </svg>`
    }
  </div>`;
}
