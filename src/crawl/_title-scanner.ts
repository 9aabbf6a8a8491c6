import { Parser } from "htmlparser2";
import { HtmlFeeder } from "./_html-feeder.ts";

// In these a title is another thing, or not part of the page.
const elsewhere: ReadonlySet<string> = new Set(["svg", "math", "template", "noscript"]);

// A page that has no title by then has none.
const farEnough = 524_288;

/** Looks for the title of a page as its text arrives, and stops where it ends. */
export class TitleScanner {
  /** What stands in the title, as it is written: entities are not decoded. */
  raw: string | undefined;
  /** Whether there is no need to look further. */
  isDone = false;
  readonly #parser: Parser;
  readonly #feeder: HtmlFeeder;
  #outside = 0;
  #isIn = false;
  #size = 0;

  constructor() {
    this.#parser = new Parser(
      {
        onopentagname: (name) => this.#open(name),
        onopentag: (name) => this.#feeder.noteOpenTag(name),
        ontext: (text) => this.#add(text),
        onclosetag: (name) => this.#close(name),
      },
      { decodeEntities: false },
    );
    this.#feeder = new HtmlFeeder(this.#parser);
  }

  /** Looks at the next piece of the page. Returns whether it is done. */
  write(text: string): boolean {
    if (this.isDone) return true;
    this.#feeder.write(text, () => this.isDone);
    this.#size += text.length;
    if (this.#size >= farEnough) this.isDone = true;
    return this.isDone;
  }

  /** Says that the page ends here. A title that was not closed goes to the end. */
  end(): void {
    if (!this.isDone) this.#feeder.end();
    this.isDone = true;
  }

  #open(name: string): void {
    if (elsewhere.has(name)) this.#outside++;
    else if (name === "title" && this.#outside === 0 && !this.isDone) this.#begin();
  }

  #begin(): void {
    this.#isIn = true;
    this.raw = "";
  }

  #add(text: string): void {
    if (this.#isIn) this.raw += text;
  }

  #close(name: string): void {
    if (elsewhere.has(name)) this.#outside--;
    else if (name === "title" && this.#isIn) this.#finish();
  }

  #finish(): void {
    this.#isIn = false;
    this.isDone = true;
    this.#parser.pause();
  }
}

/** The title as people read it: entities decoded, white space made one blank; `undefined` if nothing is left. */
export function readable(raw: string): string | undefined {
  const text = (raw.includes("&") ? decodeEntities(raw) : raw).replace(/[\t\n\f\r ]+/g, " ").trim();
  // A part of a page keeps the whole page in memory; a copy does not.
  return text === "" ? undefined : Buffer.from(text).toString();
}

function decodeEntities(raw: string): string {
  let text = "";
  const parser = new Parser({ ontext: (part) => void (text += part) });
  parser.end(`<title>${raw}`);
  return text;
}
