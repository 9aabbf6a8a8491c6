/**
 * Insertions into a text and cuts from it, all given by its original positions. Those of inner parts nest within those of
 * outer ones.
 */
export class SourceEdits {
  readonly #source: string;
  readonly #opens = new Map<number, string>();
  readonly #closes = new Map<number, string>();
  readonly #cuts: { readonly start: number; readonly end: number }[] = [];

  constructor(source: string) {
    this.#source = source;
  }

  /** Puts `before` and `after` around a part. An outer part must be wrapped before an inner one. */
  wrap(start: number, end: number, before: string, after: string): void {
    this.#opens.set(start, (this.#opens.get(start) ?? "") + before);
    this.#closes.set(end, after + (this.#closes.get(end) ?? ""));
  }

  /** Replaces a part by `text`. */
  replace(start: number, end: number, text: string): void {
    this.#cuts.push({ start, end });
    this.#opens.set(start, (this.#opens.get(start) ?? "") + text);
  }

  /** The edited text. */
  toString(): string {
    let text = "";
    for (let index = 0; index <= this.#source.length; index++) {
      text += (this.#closes.get(index) ?? "") + (this.#opens.get(index) ?? "");
      if (!this.#isCut(index)) text += this.#source.charAt(index);
    }
    return text;
  }

  #isCut(index: number): boolean {
    return this.#cuts.some(({ start, end }) => start <= index && index < end);
  }
}
