import { type Html, html, raw } from "pottle";
import { layout } from "./layout.ts";
import type { Program } from "./programs.ts";

// A run that is replaced by another, or stopped, is aborted; so is one whose tab is closed. Then its program is killed.
const script = raw(`
  const output = document.querySelector("pre");
  const stop = document.querySelector("#stop");
  const buttons = document.querySelectorAll("button[value]");
  let running = new AbortController();
  async function show(url) {
    running.abort();
    const { signal } = (running = new AbortController());
    for (const button of buttons) button.ariaPressed = button.value === url;
    stop.disabled = false;
    output.textContent = "";
    try {
      const response = await fetch(url, { signal });
      for await (const text of response.body.pipeThrough(new TextDecoderStream())) print(text);
    } catch (error) {
      if (running.signal !== signal) return;
      print(signal.aborted ? "\\nStopped, and so is the program.\\n" : "\\n" + error + "\\n");
    }
    if (running.signal === signal) stop.disabled = true;
  }
  function print(text) {
    output.append(text);
    output.scrollTop = output.scrollHeight;
  }
  for (const button of buttons) button.onclick = () => void show(button.value);
  stop.onclick = () => running.abort();
`);

/** The page that runs a program and shows what it prints, as it comes. */
export function programPage({ folder, title, about, watch, runs }: Program, origin: string): Html {
  const urls = runs.map(({ name }) => ({ name, url: `/programs/${folder}/${name}` }));
  return layout(
    title,
    html`<p><a href="/">The tour</a></p>
      <h1>${title}</h1>
      <p class="lead">
        ${about} ${watch} Stop it, or close this tab, and the program is killed. The source is in
        <code>examples/${folder}</code>.
      </p>
      ${urls.map(({ name, url }) => html`<button value="${url}">${name}</button>`)}
      <button id="stop" disabled>Stop</button>
      <pre></pre>
      <ul>
        ${urls.map(({ url }) => html`<li><code>curl -N ${origin}${url}</code></li>`)}
      </ul>
      <script type="module">
        ${script};
      </script>`,
  );
}
