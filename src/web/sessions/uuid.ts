import { wrongType } from "../../base/refusal.ts";
import { showKind } from "../../base/show.ts";

const syntax = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;

/**
 * A UUID in a session, which Python's frameworks keep apart from a string.
 *
 * @example
 * console.log(String(new Uuid("12345678123456781234567812345678"))); // 12345678-1234-5678-1234-567812345678
 */
export class Uuid {
  /** The 32 digits, in lower case and without hyphens. */
  readonly hex: string;

  /** @throws {TypeError} If `text` is not a UUID, with or without hyphens. */
  constructor(text: string) {
    if (typeof text !== "string" || !syntax.test(text)) {
      throw wrongType("make a Uuid", "'text' must be 32 hexadecimal digits", text, showKind);
    }
    this.hex = text.replaceAll("-", "").toLowerCase();
  }

  /** The UUID with hyphens. */
  toString(): string {
    return this.hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }
}
