import { type Html, html } from "pottle";
import { type Exhibit, exhibits, type Link } from "./exhibits.ts";
import { layout } from "./layout.ts";

/** The page that says what one can try. `origin` is how the server was called: `http://127.0.0.1:5000`. */
export function frontPage(origin: string): Html {
  return layout(
    "Pottle: the tour",
    html`<h1>Pottle: the tour</h1>
      <p class="lead">
        Every request, job and crawl is a tree of tasks. When the reason for a piece of work is gone, because its client
        left, a sibling failed or time ran out, the work stops, and you can see it happen. Try it: open something slow,
        close its tab, and look at the terminal.
      </p>
      ${exhibits.map((exhibit) => section(exhibit, origin))}`,
  );
}

function section({ title, about, links }: Exhibit, origin: string): Html {
  return html`<section class="exhibit">
    <div>
      <h2>${title}</h2>
      <p>${about}</p>
    </div>
    <ul>
      ${links.map((link) => item(link, origin))}
    </ul>
  </section> `;
}

function item({ href, shows, curl = href }: Link, origin: string): Html {
  const command = `curl ${curl.replace(/(?=\/)/, origin)}`;
  return html`<li><a href="${href}">${href}</a> <span>${shows}</span><code>${command}</code></li>`;
}
