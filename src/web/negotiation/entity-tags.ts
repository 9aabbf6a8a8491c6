import { wrongType } from "../../base/refusal.ts";

const tagSyntax = /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/;
const tagsInList = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g;

/**
 * The entity tags of an `If-Match` or `If-None-Match` header, as they stand in it: `"abc"`, `W/"abc"`. What is not a tag is
 * left out.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3
 */
export class EntityTags implements Iterable<string> {
  /** Whether the header is `*`, which any current version matches. */
  readonly isAny: boolean;
  readonly #tags: ReadonlySet<string>;

  /** @param header The value of the header. */
  constructor(header: string) {
    this.isAny = header.trim() === "*";
    this.#tags = new Set(this.isAny ? [] : (header.match(tagsInList) ?? []));
  }

  /** The number of tags. */
  get size(): number {
    return this.#tags.size;
  }

  /**
   * Whether a tag is among them by strong comparison, as `If-Match` demands: weak tags match nothing.
   *
   * @param tag In quotes, with `W/` before them if it is weak.
   */
  contains(tag: string): boolean {
    return this.isAny || (!isWeak(tag) && this.#tags.has(tag));
  }

  /** Whether a tag is among them by weak comparison, as `If-None-Match` demands: `W/` is not looked at. */
  containsWeak(tag: string): boolean {
    const opaque = isWeak(tag) ? tag.slice(2) : tag;
    return this.isAny || this.#tags.has(opaque) || this.#tags.has(`W/${opaque}`);
  }

  /** Walks over the tags. */
  [Symbol.iterator](): SetIterator<string> {
    return this.#tags.values();
  }
}

/** Whether a tag is weak: its content may differ in bytes, but not in meaning. */
export function isWeak(tag: string): boolean {
  return tag.startsWith("W/");
}

/** Whether a text is an entity tag, in quotes. */
export function isEntityTag(text: string): boolean {
  return tagSyntax.test(text);
}

/**
 * Makes an entity tag of a text.
 *
 * @throws {TypeError} If the text has a quote, a blank or another character in it that a tag cannot have.
 */
export function formatEntityTag(text: string, weak: boolean): string {
  const tag = `${weak ? "W/" : ""}"${text}"`;
  if (isEntityTag(tag)) return tag;
  throw wrongType("make an ETag", "it must be visible characters of Latin-1 without quotes", text);
}
