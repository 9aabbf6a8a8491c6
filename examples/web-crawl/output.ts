// The lines that all three programs print, in the colours of the tutorial.
import { styleText } from "node:util";
import { select } from "pottle/crawl";

export function gettingHtml(episode: number): void {
  console.log(styleText("yellow", `Getting HTML for episode ${episode}`));
}

/** The title of a page: the text of its first heading. */
export function getTitle(html: string, episode: number): string {
  console.log(styleText("cyan", `Getting TITLE for episode ${episode}`));
  const [heading] = select(html, "h1");
  return heading?.text() ?? "MISSING";
}

export function found(title: string): void {
  console.log(styleText("white", `Title found: ${title}`));
}

/** One page that fails takes its own line, and no other. */
export function failed(episode: number, error: unknown): void {
  console.log(
    styleText("red", `No title for episode ${episode}: ${error instanceof Error ? error.message : String(error)}`),
  );
}
