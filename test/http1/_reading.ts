/** One message as a parser read it. Texts are Latin-1, a character a byte. */
export interface Message {
  readonly method: string;
  readonly target: string;
  readonly version: string;
  readonly headers: readonly string[];
  readonly body: string;
  readonly trailers: readonly string[];
  readonly isComplete: boolean;
}

/** All that a parser read in some bytes that were followed by the end of the connection. */
export interface Reading {
  readonly messages: readonly Message[];
  /** How it ended: between messages, in the middle of one, by a refusal, or it read no further on purpose. */
  readonly outcome: "idle" | "half" | "refused" | "over";
  /** Why it was refused. */
  readonly reason: string;
}
