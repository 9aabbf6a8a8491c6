// Where the holes of a template stand, which decides which values may be put into them. It is read off the template's own text,
// once for each template, by following the states of the HTML tokenizer as far as they matter here:
//
//     text ──<name──▶ tag ──=──▶ value ──"──▶ double ──"──▶ tag
//      │ ▲             │           │  └──'──▶ single ──'──▶ tag
//      │ └──────>──────┘           └────────▶ unquoted ──▶ tag
//      ├──<!--──▶ comment     ├──<! or <?──▶ declaration
//      └─ after <script>, <style> and their kind: raw; after <textarea>, <title>: rcdata
//
// See https://html.spec.whatwg.org/multipage/parsing.html#tokenization

/**
 * Where a hole stands: in `text`, where escaped text is safe; in a quoted `attribute`, likewise; or where no escaping
 * would make text safe: within `markup` (a tag, an attribute without quotes, a script, a style, a comment), in an
 * attribute that is `code` (`onclick`, `style`), or in one that is a `document` of its own (`srcdoc`). An attribute that is
 * an address is a `url`: text is escaped in it, but must not run code.
 */
export type Hole = "text" | "attribute" | "url" | "markup" | "code" | "document";

type State = "text" | "tag" | "value" | "unquoted" | "double" | "single" | "comment" | "declaration" | "raw" | "rcdata";

const holes: Readonly<Record<State, Hole>> = {
  text: "text",
  rcdata: "text",
  double: "attribute",
  single: "attribute",
  tag: "markup",
  value: "markup",
  unquoted: "markup",
  comment: "markup",
  declaration: "markup",
  raw: "markup",
};

// A tag may also begin at the very end of a piece, with its name in the hole: `<h${level}>`, `</${name}>`.
const opening = /<(?:(!--)|([!?])|\/?([a-z][^\s/>]*)|\/?$)/iy;
// The parser takes the escaping out again before the script or the style is read.
const codeAttribute = /^(?:on.*|style)$/;
const urlAttributes: ReadonlySet<string> = new Set(["href", "src", "action", "formaction", "xlink:href", "data"]);
const rawElements: ReadonlySet<string> = new Set(["script", "style", "iframe", "noembed", "noframes", "xmp"]);
const rcdataElements: ReadonlySet<string> = new Set(["textarea", "title"]);

/** Finds where each hole between the pieces of a template stands. */
export function findHoles(pieces: readonly string[]): readonly Hole[] {
  const reader = new TemplateReader();
  return pieces.slice(0, -1).map((piece) => reader.read(piece));
}

class TemplateReader {
  #state: State = "text";
  /** The element whose opening tag is being read, or was read last. */
  #element = "";
  /** The attribute whose value is being read, or was read last. */
  #attribute = "";
  #piece = "";

  /** Reads one piece and says where the hole after it stands. */
  read(piece: string): Hole {
    this.#piece = piece;
    for (let at = 0; at < piece.length;) at = this.#step(at);
    const hole = this.#hole();
    // A value after the `=` is the beginning of a value without quotes.
    if (this.#state === "value") this.#state = "unquoted";
    return hole;
  }

  #hole(): Hole {
    const hole = holes[this.#state];
    if (hole !== "attribute") return hole;
    if (this.#attribute === "srcdoc") return "document";
    if (urlAttributes.has(this.#attribute)) return "url";
    return codeAttribute.test(this.#attribute) ? "code" : "attribute";
  }

  #step(at: number): number {
    switch (this.#state) {
      case "text":
        return this.#readText(at);
      case "tag":
        return this.#readTag(at);
      case "value":
        return this.#readValue(at);
      case "unquoted":
        return this.#readUnquoted(at);
      case "double":
        return this.#skipPast('"', at, "tag");
      case "single":
        return this.#skipPast("'", at, "tag");
      case "comment":
        return this.#skipPast("-->", at, "text");
      case "declaration":
        return this.#skipPast(">", at, "text");
      case "raw":
      case "rcdata":
      default:
        return this.#readRaw(at);
    }
  }

  #readText(at: number): number {
    const start = this.#piece.indexOf("<", at);
    if (start < 0) return this.#piece.length;
    opening.lastIndex = start;
    const match = opening.exec(this.#piece);
    // A `<` before anything else is text.
    if (match === null) return start + 1;
    const [whole, comment, declaration, name = ""] = match;
    this.#element = whole.startsWith("</") ? "" : name.toLowerCase();
    this.#state = comment !== undefined ? "comment" : declaration !== undefined ? "declaration" : "tag";
    return start + whole.length;
  }

  #readTag(at: number): number {
    const end = this.#find(/[>=]/g, at);
    if (end === this.#piece.length) return end;
    if (this.#piece[end] === ">") this.#endTag();
    else this.#beginValue(this.#piece.slice(at, end));
    return end + 1;
  }

  /** @param before What stands in the tag before the `=`. */
  #beginValue(before: string): void {
    this.#attribute = before.trim().split(/[\s/]/).at(-1)!.toLowerCase();
    this.#state = "value";
  }

  #readValue(at: number): number {
    const start = this.#find(/\S/g, at);
    if (start === this.#piece.length) return start;
    const first = this.#piece[start];
    this.#state = first === '"' ? "double" : first === "'" ? "single" : "unquoted";
    return this.#state === "unquoted" ? start : start + 1;
  }

  #readUnquoted(at: number): number {
    const end = this.#find(/[\s>]/g, at);
    if (end === this.#piece.length) return end;
    if (this.#piece[end] === ">") this.#endTag();
    else this.#state = "tag";
    return end + 1;
  }

  #readRaw(at: number): number {
    const end = this.#element === "script" ? endOfScript(this.#piece, at) : this.#find(endTagOf(this.#element), at);
    if (end === this.#piece.length) return end;
    const length = this.#element.length + 2;
    this.#element = "";
    this.#state = "tag";
    return end + length;
  }

  #skipPast(delimiter: string, at: number, next: State): number {
    const end = this.#piece.indexOf(delimiter, at);
    if (end < 0) return this.#piece.length;
    this.#state = next;
    return end + delimiter.length;
  }

  #endTag(): void {
    if (rawElements.has(this.#element)) this.#state = "raw";
    else this.#state = rcdataElements.has(this.#element) ? "rcdata" : "text";
  }

  /** Where `pattern` is found from `at` on; the end of the piece if nowhere. */
  #find(pattern: RegExp, at: number): number {
    pattern.lastIndex = at;
    return pattern.exec(this.#piece)?.index ?? this.#piece.length;
  }
}

/** The end tag of an element: `</title`, but not `</titles`. With a hole behind it, its name may go on, as that of a tag may. */
function endTagOf(element: string): RegExp {
  return new RegExp(String.raw`</${element}(?=[\t\n\f\r />]|$)`, "gi");
}

/**
 * Where a script ends. In a comment, a script tag and its end tag are part of it.
 *
 * @see https://html.spec.whatwg.org/multipage/parsing.html#script-data-double-escaped-state
 */
function endOfScript(piece: string, start: number): number {
  const tokens = /<!--|-->|<\/?script(?=[\t\n\f\r />]|$)/gi;
  let state: "plain" | "escaped" | "double" = "plain";
  tokens.lastIndex = start;
  for (let token = tokens.exec(piece); token !== null; token = tokens.exec(piece)) {
    const name = token[0].toLowerCase();
    if (name === "</script" && state !== "double") return token.index;
    if (name === "</script" || (name === "<!--" && state === "plain")) state = "escaped";
    else if (name === "-->") state = "plain";
    else if (name === "<script" && state === "escaped") state = "double";
    // The dashes of `<!-->` end the comment as well.
    if (name === "<!--") tokens.lastIndex -= 2;
  }
  return piece.length;
}
