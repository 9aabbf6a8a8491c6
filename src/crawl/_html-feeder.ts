// htmlparser2 ends a script at the first `</script`. Browsers do not always do that: if the script contains a comment
// with another script tag in it, they go through three states,
//
//     plain ──<!--──▶ escaped ──<script──▶ double escaped
//       ▲ ▲              │ ▲                 │   │
//       │ └─────-->──────┘ └────</script─────┘   │
//       └─────────────────-->────────────────────┘
//
// and `</script` ends the script only in the first two. So markup is passed to the parser tag by tag, in order to see
// where a script begins. In the third state, `</script` is passed to the parser with a mark in it, so that the parser
// does not recognise it.
//
// See https://html.spec.whatwg.org/multipage/parsing.html#script-data-double-escaped-state

import type { Parser } from "htmlparser2";

const marked = /<\0(?=\/script)/gi;
// The character after the tag name is required, because only then is the name complete.
const tokens = /<!--|-->|<\/?script(?=[\t\n\f\r />])/gi;
// The end of a text that may become a token together with the text that follows.
const unfinished = /(?:<[!/a-z-]{0,8}|--?)$/i;

/** Passes the text of a page to a parser in such a way that scripts end where browsers end them. */
export class HtmlFeeder {
  readonly #parser: Parser;
  #state: "markup" | "plain" | "escaped" | "double" = "markup";
  #held = "";

  constructor(parser: Parser) {
    this.#parser = parser;
  }

  /** Tells the feeder that the parser has read the opening tag of an element. */
  noteOpenTag(name: string): void {
    if (name === "script" && !this.#parser.isInForeignContext()) this.#state = "plain";
  }

  /** Passes the next piece of the page to the parser; stops when `isDone` returns true. */
  write(text: string, isDone: () => boolean = never): void {
    const all = this.#held + text;
    this.#held = "";
    for (let at = 0; at < all.length && !isDone();) {
      at = this.#state === "markup" ? this.#writeTag(all, at) : this.#writeScript(all, at);
    }
  }

  /** Ends the page. */
  end(): void {
    this.#parser.end(this.#held);
  }

  /** Passes on the text up to the end of the next tag. */
  #writeTag(text: string, at: number): number {
    const end = text.indexOf(">", at) + 1 || text.length;
    this.#parser.write(text.slice(at, end));
    return end;
  }

  /** Passes on the text of a script up to its end tag, or all available text. */
  #writeScript(text: string, start: number): number {
    let [at, before] = [start, ""];
    tokens.lastIndex = start;
    for (let token = tokens.exec(text); token !== null; token = tokens.exec(text)) {
      const name = token[0].toLowerCase();
      if (name === "</script" && this.#state !== "double") {
        this.#state = "markup";
        this.#parser.write(before + text.slice(at, token.index));
        return token.index;
      }
      if (name === "</script") {
        before += `${text.slice(at, token.index)}<\0${text.slice(token.index + 1, tokens.lastIndex)}`;
        at = tokens.lastIndex;
      }
      this.#state = stateAfter(name, this.#state);
      // The dashes of `<!-->` also end the comment, so they are searched again.
      if (name === "<!--") tokens.lastIndex -= 2;
    }
    const rest = text.slice(at);
    this.#held = unfinished.exec(rest)?.[0] ?? "";
    this.#parser.write(before + rest.slice(0, rest.length - this.#held.length));
    return text.length;
  }
}

function stateAfter(token: string, state: "markup" | "plain" | "escaped" | "double"): typeof state {
  if (token === "-->") return "plain";
  if (token === "<!--") return state === "plain" ? "escaped" : state;
  if (token === "<script") return state === "escaped" ? "double" : state;
  return "escaped";
}

/** The text of a script as it is in the page, without our marks. */
export function withoutMarks(text: string): string {
  return text.includes("\0") ? text.replace(marked, "<") : text;
}

function never(): boolean {
  return false;
}
