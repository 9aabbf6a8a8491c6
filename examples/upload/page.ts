import { type Html, html, raw } from "pottle";

/** The page that uploads files, and shows those that are there. */
export function uploadPage(): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <link rel="icon" href="data:," />
        <title>Uploads</title>
        <style>
          ${raw(style)}
        </style>
      </head>
      <body>
        <h1>Uploads</h1>
        <form id="upload">
          <label>File <input type="file" required /></label>
          <button>Upload</button>
          <button type="button" id="cancel" hidden>Cancel</button>
        </form>
        <p><progress id="sent" value="0" hidden></progress> <output id="state"></output></p>
        <h2>On their way, from any tab</h2>
        <ul id="running" aria-live="off"></ul>
        <h2>Files</h2>
        <ul id="files"></ul>
        <script type="module">
          ${raw(script)};
        </script>
      </body>
    </html>`;
}

const style = `
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
  body { max-width: 40rem; margin: 2rem auto; padding: 0 1rem }
  ul { list-style: none; padding: 0 }
  ul:empty::before { content: "none"; opacity: 0.6 }
  button { font: inherit; padding: 0.25rem 1rem }
  li button { margin-left: 1rem }
  a { overflow-wrap: anywhere }`;

// Names of files are set as text, never as HTML.
const script = `
  const [form, cancel, sent, state, running, files] = ["upload", "cancel", "sent", "state", "running", "files"].map((id) => document.getElementById(id));
  const show = (bytes) => bytes < 1e5 ? bytes + " B" : (bytes / 1e6).toFixed(1) + " MB";
  const urlOf = (name) => "files/" + encodeURIComponent(name);

  // fetch cannot tell how much it has sent; XMLHttpRequest can.
  form.onsubmit = (event) => {
    event.preventDefault();
    const [file] = form.querySelector("input").files;
    const request = new XMLHttpRequest();
    request.upload.onprogress = ({ loaded, total }) => {
      Object.assign(sent, { max: total || 1, value: loaded });
      state.value = show(loaded) + " of " + show(total);
    };
    const end = (text) => () => {
      sent.hidden = cancel.hidden = true;
      form.querySelector("button").disabled = false;
      state.value = typeof text === "function" ? text() : text;
    };
    request.onload = end(() => request.status === 201 ? file.name + " is there." : "Refused: " + request.status + " " + request.statusText);
    request.onerror = end("The connection was lost, or the file was refused.");
    request.onabort = end("Cancelled: nothing of it is left.");
    cancel.onclick = () => request.abort();
    request.open("PUT", urlOf(file.name));
    request.send(file);
    sent.hidden = cancel.hidden = false;
    form.querySelector("button").disabled = true;
  };

  let seen;
  new EventSource("progress").onmessage = ({ data }) => {
    const activity = JSON.parse(data);
    running.replaceChildren(...activity.running.map(({ name, received, size }) => {
      const item = document.createElement("li");
      item.textContent = name + ": " + show(received) + (size === null ? "" : " of " + show(size));
      return item;
    }));
    if (activity.changes !== seen) void list();
    seen = activity.changes;
  };
  async function list() {
    const response = await fetch("files");
    files.replaceChildren(...(await response.json()).map(({ name, size }) => {
      const item = document.createElement("li");
      const link = item.appendChild(document.createElement("a"));
      Object.assign(link, { textContent: name, href: urlOf(name) });
      item.append(" " + show(size));
      const remove = item.appendChild(document.createElement("button"));
      remove.textContent = "Remove";
      remove.onclick = () => fetch(urlOf(name), { method: "DELETE" });
      return item;
    }));
  }`;
