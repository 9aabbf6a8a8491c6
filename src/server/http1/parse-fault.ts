import type { Refusal } from "../refusal.ts";

/** What a client sent is not HTTP, or is what this server does not take. The parser catches it and tells of its refusal. */
export class ParseFault extends Error {
  override readonly name = "ParseFault";
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.reason);
    this.refusal = refusal;
  }
}

/** A fault that is answered with 400. */
export function badRequest(reason: string): ParseFault {
  return new ParseFault({ status: 400, reason });
}
