// The bytes of a page are scanned as they are, one character for each: what the markup is made of is ASCII in every
// charset that the web uses, but for UTF-16. Only the few bytes of the title are decoded then, by the page's charset.

import { isUtf8 } from "node:buffer";
import { readable, TitleScanner } from "./_title-scanner.ts";

// Where a page must have said its charset, by its standard.
const prescanned = 1_024;
// No more is looked at at once, as the title is most likely at the beginning.
const slice = 16_384;

/** Looks for the title of a page as its bytes arrive. */
export class ByteTitleScanner {
  readonly #scanner = new TitleScanner();
  readonly #announced: string | undefined;
  #mark: string | undefined;
  #wide: TextDecoder | undefined;
  #prefix = "";
  #isBegun = false;

  /** @param announced The charset of the page's `Content-Type`. */
  constructor(announced?: string) {
    this.#announced = announced;
  }

  /** Looks at the next piece of the page. Returns whether it is done. */
  write(bytes: Uint8Array): boolean {
    for (let at = 0; at < bytes.byteLength && !this.#scanner.isDone; at += slice) {
      this.#scan(Buffer.from(bytes.buffer, bytes.byteOffset + at, Math.min(slice, bytes.byteLength - at)));
    }
    return this.#scanner.isDone;
  }

  #scan(bytes: Buffer): void {
    if (!this.#isBegun) this.#begin(bytes);
    const text = this.#wide === undefined ? bytes.toString("latin1") : this.#wide.decode(bytes, { stream: true });
    if (this.#prefix.length < prescanned) this.#prefix += text.slice(0, prescanned);
    this.#scanner.write(text);
  }

  #begin(bytes: Buffer): void {
    this.#isBegun = true;
    this.#mark = charsetOfMark(bytes);
    const charset = this.#mark ?? this.#announced ?? "";
    if (/^utf-?16/i.test(charset)) this.#wide = decoderFor(charset);
  }

  /** The title, when it is done or the page ends here. */
  title(): string | undefined {
    this.#scanner.end();
    const { raw } = this.#scanner;
    if (raw === undefined) return undefined;
    return readable(this.#wide === undefined ? this.#decode(Buffer.from(raw, "latin1")) : raw);
  }

  #decode(bytes: Buffer): string {
    for (const charset of [this.#mark, this.#announced, charsetIn(this.#prefix)]) {
      const decoder = charset === undefined ? undefined : decoderFor(charset);
      if (decoder !== undefined) return decoder.decode(bytes);
    }
    return isUtf8(bytes) ? bytes.toString() : new TextDecoder("windows-1252").decode(bytes);
  }
}

function charsetOfMark(bytes: Buffer): string | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return "utf-8";
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  return bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : undefined;
}

// `<meta charset="…">`, or the older `<meta http-equiv="Content-Type" content="text/html; charset=…">`. One that could be
// read is not in UTF-16, whatever it says.
function charsetIn(prefix: string): string | undefined {
  const charset = /<meta\s[^>]*?charset\s*=\s*["']?\s*([^\s"'/>;]+)/i.exec(prefix)?.[1];
  return charset !== undefined && /^utf-?16/i.test(charset) ? "utf-8" : charset;
}

function decoderFor(charset: string): TextDecoder | undefined {
  try {
    return new TextDecoder(charset);
  } catch {
    return undefined; // a name that nobody knows
  }
}
