import { type Html, html, raw } from "pottle";

/** The page with the button. */
export function startPage(): Html {
  return page(
    "A closed tab",
    html`<p>
        The button asks for <code>sleep</code>, which runs <code>select pg_sleep(30)</code> on PostgreSQL and answers
        when that is over.
      </p>
      <p><button id="start">Start the query</button> <output id="answer"></output></p>
      <p>
        <a href="watch" target="_blank">Watch the server</a> in a window beside this one. Then start the query, and
        close this tab.
      </p>`,
    raw(startScript),
  );
}

/** The page that shows what the server does. */
export function watchPage(): Html {
  return page(
    "What PostgreSQL does",
    html`<table>
        <thead>
          <tr>
            <th>process</th>
            <th>state</th>
            <th>waits for</th>
            <th>seconds</th>
            <th>query</th>
          </tr>
        </thead>
        <tbody id="activity"></tbody>
      </table>
      <p id="count"></p>`,
    raw(watchScript),
  );
}

function page(title: string, body: Html, script: Html): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <link rel="icon" href="data:," />
        <title>${title}</title>
        <style>
          ${raw(style)}
        </style>
      </head>
      <body>
        <h1>${title}</h1>
        ${body}
        <script>
          ${script};
        </script>
      </body>
    </html>`;
}

const style = `
  :root { color-scheme: light dark; }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 48rem; margin: clamp(1rem, 6vw, 3rem) auto; padding: 0 1rem; color: light-dark(#1d2430, #e6e9ee); background: light-dark(#fbfbf9, #12161c); }
  h1 { font-size: 1.6rem; letter-spacing: -.02em; }
  a { color: light-dark(#0b6e4f, #5fd3a6); }
  button { font: inherit; padding: .4rem 1rem; }
  table { border-collapse: collapse; width: 100%; }
  th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #8884; }
  th { font-size: .85rem; color: light-dark(#5b6675, #98a3b3); }
  th:last-child, td:last-child { padding-right: 0; }
  td:last-child { font: .85rem/1.7 ui-monospace, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
  @media (max-width: 32rem) {
    table { font-size: .85rem; }
    th:nth-child(2), td:nth-child(2) { display: none; }
  }
`;

const startScript = `
  const answer = document.getElementById("answer");
  document.getElementById("start").onclick = async () => {
    answer.textContent = "running …";
    answer.textContent = await (await fetch("sleep")).text();
  };
`;

const watchScript = `
  const cell = (text) => Object.assign(document.createElement("td"), { textContent: text });
  const row = ({ pid, state, waits_for, seconds, query }) => {
    const tr = document.createElement("tr");
    tr.append(...[pid, state, waits_for, seconds.toFixed(1), query].map(cell));
    return tr;
  };
  new EventSource("activity").onmessage = ({ data }) => {
    const queries = JSON.parse(data);
    document.getElementById("activity").replaceChildren(...queries.map(row));
    document.getElementById("count").textContent = queries.length === 0 ? "Nothing is running." : queries.length + " running.";
  };
`;
