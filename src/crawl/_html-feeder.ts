// htmlparser2 ends a script at its first `</script`. Browsers do not, if the script is in a comment and has another script
// tag in it: they follow three states,
//
//     plain ──<!--──▶ escaped ──<script──▶ double escaped
//       ▲ ▲              │ ▲                 │   │
//       │ └─────-->──────┘ └────</script─────┘   │
//       └─────────────────-->────────────────────┘
//
// and `</script` ends the script in the first two. So markup is handed to the parser tag by tag, in order to see where a
// script begins; and in the third state `</script` is handed to it with a mark, by which it is not recognised.
//
// See https://html.spec.whatwg.org/multipage/parsing.html#script-data-double-escaped-state

import type { Parser } from "htmlparser2";

const marked = /<\0(?=\/script)/gi;
// What follows must be there, to see whether the name of the tag ends.
const tokens = /<!--|-->|<\/?script(?=[\t\n\f\r />])/gi;
// What may become a token with the text that follows.
const unfinished = /(?:<[!/a-z-]{0,8}|--?)$/i;

/** Hands the text of a page to a parser, so that it ends scripts where browsers do. */
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

  /** Hands the next piece of the page to the parser, up to where `isDone` says that no more is needed. */
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

  /** Hands over what goes up to the end of a tag. */
  #writeTag(text: string, at: number): number {
    const end = text.indexOf(">", at) + 1 || text.length;
    this.#parser.write(text.slice(at, end));
    return end;
  }

  /** Hands over a script: up to its end tag, or what is there of it. */
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
      // The dashes of `<!-->` end the comment as well.
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

/** The text of a script as it stands in the page. */
export function withoutMarks(text: string): string {
  return text.includes("\0") ? text.replace(marked, "<") : text;
}

function never(): boolean {
  return false;
}
