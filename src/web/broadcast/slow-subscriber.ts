/**
 * What happens to a subscriber whose queue is full: the message that has waited longest is dropped, the new one is, or the
 * subscriber is closed, and told so by a {@link SlowSubscriberError}.
 */
export type SlowPolicy = "drop-oldest" | "drop-newest" | "close";

/** A subscriber has not taken its messages in time, and its policy is `close`. */
export class SlowSubscriberError extends Error {
  override readonly name = "SlowSubscriberError";
  /** The topic. */
  readonly topic: string;

  constructor(topic: string, limit: number) {
    super(`The subscriber of '${topic}' was closed as ${limit} messages were waiting for it`);
    this.topic = topic;
  }
}
