/** What the codes of a terminal's colours are in the page. */
const CLASSES: Readonly<Record<string, string>> = { 1: "bold", 2: "dim", 31: "red", 32: "green", 33: "yellow" };

const STYLE = `
  :root { color-scheme: light dark; }
  body { margin: 0; padding: 16px; background: light-dark(#fbfaf8, #15171a); }
  pre {
    margin: 0; padding: 18px 22px 20px; border: 1px solid light-dark(#e0ddd5, #2c3036); border-radius: 8px;
    background: light-dark(#fff, #1b1e22); color: light-dark(#1f2328, #dfe2e6);
    font: 12.5px/1.5 ui-monospace, "DejaVu Sans Mono", monospace; white-space: pre-wrap;
  }
  .bold { font-weight: 700; } .dim { color: light-dark(#676d76, #8d949e); }
  .green { color: light-dark(#1d7f4e, #57c98a); } .yellow { color: light-dark(#9a5b00, #e8a94a); }
  .red { color: light-dark(#b3261e, #ff8a80); }
`;

/** A page that looks like a terminal in which `command` was typed and printed `output`, which may be coloured. */
export function terminalPage(command: string, output: string): string {
  const text = `<span class="dim">$</span> <span class="bold">${escapeHtml(command)}</span>\n\n${paint(output)}`;
  return `<!doctype html><meta charset="utf-8"><style>${STYLE}</style><pre>${text}</pre>`;
}

// Each code that begins a colour opens a span, and any other closes the one opened last.
function paint(output: string): string {
  let depth = 0;
  // oxlint-disable-next-line no-control-regex
  const spans = escapeHtml(output).replaceAll(/\x1b\[(\d+)m/g, (_, code: string) => {
    const name = CLASSES[code];
    if (name !== undefined) depth++;
    else if (depth-- === 0) throw new Error(`Cannot paint a line as nothing is open: current value is code ${code}`);
    return name === undefined ? "</span>" : `<span class="${name}">`;
  });
  return spans.trimEnd();
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
