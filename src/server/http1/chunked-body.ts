import type { LineTaker } from "./line-joiner.ts";
import { CR, LF } from "./octets.ts";
import { badRequest, ParseFault } from "./parse-fault.ts";

/** The longest size of a chunk in digits. 2^53 - 1 has 14; some programs put zeros before it. */
const mostDigits = 16;

// *( BWS ";" BWS token [ BWS "=" BWS ( token / quoted-string ) ] )
const token = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const quoted = '"(?:[\\t !#-[\\]-~\\x80-\\xff]|\\\\[\\t -~\\x80-\\xff])*"';
const blanks = "[ \\t]*";
const extensionSyntax = new RegExp(`^(?:${blanks};${blanks}${token}(?:${blanks}=${blanks}(?:${token}|${quoted}))?)*$`);

/**
 * Reads what stands between the chunks of a body: the end of the chunk before, and the size of the next one.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-7.1
 */
export class ChunkSizes implements LineTaker {
  /** Count of the chunk's bytes that are still to come. */
  left = 0;
  /** Whether the last chunk, of size 0, has come. */
  isOver = false;
  readonly #extensionLimit: number;
  #extensionsLeft: number;
  #isBehindChunk = false;

  /** @param extensionLimit The largest size of the extensions of all chunks in bytes. */
  constructor(extensionLimit: number) {
    this.#extensionLimit = extensionLimit;
    this.#extensionsLeft = extensionLimit;
  }

  get isDone(): boolean {
    return this.left > 0 || this.isOver;
  }

  takeLines(bytes: Buffer, from: number, to: number): number {
    const start = this.#isBehindChunk ? this.#takeEnd(bytes, from, to) : from;
    return this.#isBehindChunk ? start : this.#takeSize(bytes, start, to);
  }

  checkHalf(length: number, last: number | undefined): void {
    if (this.#isBehindChunk && (length > 1 || last !== CR)) throw notEnded();
    this.#checkLength(last === CR ? length - 1 : length);
  }

  #takeEnd(bytes: Buffer, at: number, to: number): number {
    if (at === to) return at;
    if (bytes[at] !== CR) throw notEnded();
    if (at + 1 === to) return at;
    if (bytes[at + 1] !== LF) throw notEnded();
    this.#isBehindChunk = false;
    return at + 2;
  }

  #takeSize(bytes: Buffer, from: number, to: number): number {
    let size = 0;
    let at = from;
    for (let digit = 0; at < to && (digit = digitOf(bytes[at]!)) >= 0; at++) size = 16 * size + digit;
    if (at === from && at < to) throw badSize();
    if (at + 1 >= to || bytes[at] !== CR || bytes[at + 1] !== LF || at - from > mostDigits) {
      const lf = bytes.indexOf(LF, at);
      if (lf < 0 || lf >= to) return from;
      this.#takeExtensions(bytes, from, at, lf);
      at = lf - 1;
    }
    if (!Number.isSafeInteger(size)) throw badRequest("a chunk is too large");
    this.left = size;
    this.isOver = size === 0;
    this.#isBehindChunk = size > 0;
    return at + 2;
  }

  #takeExtensions(bytes: Buffer, from: number, digitsEnd: number, lf: number): void {
    if (bytes[lf - 1] !== CR) throw badRequest("the size of a chunk ends in LF without CR");
    this.#checkLength(lf - 1 - from);
    if (digitsEnd - from > mostDigits) throw badSize();
    this.#extensionsLeft -= lf - 1 - digitsEnd;
    this.#checkLength(0);
    if (!extensionSyntax.test(bytes.toString("latin1", digitsEnd, lf - 1))) throw badSize();
  }

  /** Checks the length of a line, of which the extensions are all but the digits. */
  #checkLength(length: number): void {
    if (this.#extensionsLeft >= 0 && length <= mostDigits + this.#extensionsLeft) return;
    throw new ParseFault({
      status: 413,
      reason: `the extensions of the chunks are larger than ${this.#extensionLimit} bytes`,
    });
  }
}

/** The value of a hexadecimal digit; -1 for another byte. */
function digitOf(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

function badSize(): ParseFault {
  return badRequest("the size of a chunk is malformed");
}

function notEnded(): ParseFault {
  return badRequest("a chunk is not followed by CR and LF");
}
