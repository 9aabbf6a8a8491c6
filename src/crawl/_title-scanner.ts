import { Parser } from "htmlparser2";
import { HtmlFeeder } from "./_html-feeder.ts";

// In these elements, a `<title>` has another meaning or is not part of the page.
const elsewhere: ReadonlySet<string> = new Set(["svg", "math", "template", "noscript"]);

// How many characters are searched for the title.
const farEnough = 524_288;

/** Searches for the title of a page as its text arrives, and stops at the end of the title. */
export class TitleScanner {
  /** The source text of the title: entities are not decoded. */
  raw: string | undefined;
  /** Whether the search has ended. */
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

  /** Searches the next piece of the page. Returns whether the search has ended. */
  write(text: string): boolean {
    if (this.isDone) return true;
    this.#feeder.write(text, () => this.isDone);
    this.#size += text.length;
    if (this.#size >= farEnough) this.isDone = true;
    return this.isDone;
  }

  /** Ends the page. A title without an end tag extends to the end of the page. */
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

/**
 * The readable form of a title: with entities decoded, and white space collapsed to single blanks; `undefined` if it is
 * empty.
 */
export function readable(raw: string): string | undefined {
  const text = (raw.includes("&") ? decodeEntities(raw) : raw).replace(/[\t\n\f\r ]+/g, " ").trim();
  // Copied, because a substring would keep the whole page in memory.
  return text === "" ? undefined : Buffer.from(text).toString();
}

function decodeEntities(raw: string): string {
  let text = "";
  const parser = new Parser({ ontext: (part) => void (text += part) });
  parser.end(`<title>${raw}`);
  return text;
}
