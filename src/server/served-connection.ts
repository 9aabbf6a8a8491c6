/** A connection of any protocol, as its listener knows it. */
export interface ServedConnection {
  /** Closes the connection as soon as nothing runs on it, what was written included; its client is told, where it can be. */
  closeWhenIdle(): void;
  /** Cancels the requests on it. */
  cancel(reason: Error): void;
  /** Closes the connection at once, for the reason `why`, which the requests on it are cancelled with. */
  cut(why: string): void;
  /** Looks whether one of its time limits is over; called every few milliseconds to seconds, as its listener's limits need it. */
  look(): void;
}
