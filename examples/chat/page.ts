import { type Html, html, raw, urlFor } from "pottle";

/** The page of a room. */
export function roomPage(room: string): Html {
  return html`<!doctype html>
    <html lang="en" data-room="${urlFor("/rooms/<room>", { room })}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <link rel="icon" href="data:," />
        <title>${room}</title>
        <style>
          ${raw(style)}
        </style>
      </head>
      <body>
        <h1>${room}</h1>
        <p>Here: <output id="names">nobody</output></p>
        <form id="enter">
          <label>Name <input name="name" required maxlength="30" autocomplete="off" /></label>
          <button>Enter</button>
        </form>
        <ul id="lines" aria-live="polite"></ul>
        <form id="say" hidden>
          <label>Text <input name="text" required maxlength="1000" autocomplete="off" /></label>
          <button>Say</button>
        </form>
        <p id="state"></p>
        <script>
          ${raw(script)};
        </script>
      </body>
    </html>`;
}

const style = `
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
  body { max-width: 40rem; margin: 2rem auto; padding: 0 1rem }
  ul { list-style: none; padding: 0 }
  input { font: inherit; padding: 0.25rem 0.5rem }
  button { font: inherit; padding: 0.25rem 1rem }`;

// Texts of others are set as text, never as HTML.
const script = `
  const { room } = document.documentElement.dataset;
  const [enter, say, lines, state] = ["enter", "say", "lines", "state"].map((id) => document.getElementById(id));
  new EventSource(room + "/names").onmessage = ({ data }) => {
    document.getElementById("names").value = JSON.parse(data).join(", ") || "nobody";
  };
  let socket;
  function connect(name) {
    socket = new WebSocket(location.origin.replace("http", "ws") + room + "?name=" + encodeURIComponent(name));
    socket.onopen = () => { enter.hidden = true; say.hidden = false; state.textContent = ""; };
    socket.onmessage = ({ data }) => {
      const { name, text } = JSON.parse(data);
      lines.appendChild(document.createElement("li")).textContent = name + ": " + text;
    };
    socket.onclose = () => { state.textContent = "Connecting anew …"; setTimeout(connect, 1000, name); };
  }
  enter.onsubmit = (event) => {
    event.preventDefault();
    const name = enter.elements.name.value.trim();
    state.textContent = name === "" ? "A name is not only blanks." : "";
    if (name !== "") connect(name);
  };
  say.onsubmit = (event) => {
    event.preventDefault();
    // What is written while there is no connection stays in its field.
    if (socket.readyState !== WebSocket.OPEN) return;
    socket.send(say.elements.text.value);
    say.reset();
  };`;
