// The bytes of a page are searched undecoded, as one character each. That is possible because markup is ASCII in every
// charset that the web uses, except UTF-16. Then only the few bytes of the title are decoded, with the charset of the
// page.

import { isUtf8 } from "node:buffer";
import { readable, TitleScanner } from "./_title-scanner.ts";

// The HTML standard requires the charset to be declared within this many bytes.
const prescanned = 1_024;
// The size of the pieces in which a page is searched; the title is usually in the first one.
const slice = 16_384;

/** Searches for the title of a page as its bytes arrive. */
export class ByteTitleScanner {
  readonly #scanner = new TitleScanner();
  readonly #announced: string | undefined;
  #mark: string | undefined;
  #wide: TextDecoder | undefined;
  #prefix = "";
  #isBegun = false;

  /** @param announced The charset in the page's `Content-Type`. */
  constructor(announced?: string) {
    this.#announced = announced;
  }

  /** Searches the next piece of the page. Returns whether the search has ended. */
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

  /** The title; call it when the search or the page has ended. */
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

// The charset in `<meta charset="…">`, or in the older `<meta http-equiv="Content-Type" content="text/html;
// charset=…">`. If it says UTF-16, that is wrong, because then it could not have been read here.
function charsetIn(prefix: string): string | undefined {
  const charset = /<meta\s[^>]*?charset\s*=\s*["']?\s*([^\s"'/>;]+)/i.exec(prefix)?.[1];
  return charset !== undefined && /^utf-?16/i.test(charset) ? "utf-8" : charset;
}

function decoderFor(charset: string): TextDecoder | undefined {
  try {
    return new TextDecoder(charset);
  } catch {
    return undefined; // an unknown charset
  }
}
