/**
 * Keeps the values of sessions on the server, by id. Write one for another database, and test it by what the stores of this
 * package guarantee:
 *
 * - A session that is over is not loaded, whether or not it has been removed.
 * - Of two requests that change a session at the same time, the last one wins, with all of its values.
 * - A session that was deleted is not brought back by a request that had loaded it before.
 */
export interface SessionStore {
  /** The text of a session; `undefined` if there is none, or it is over. */
  load(id: string): Promise<string | undefined>;
  /** Stores a new session for `lifetime` milliseconds. */
  create(id: string, text: string, lifetime: number): Promise<void>;
  /** Stores a session that exists, for `lifetime` milliseconds from now. Returns `false`, and does nothing, if it does not. */
  replace(id: string, text: string, lifetime: number): Promise<boolean>;
  /** Lets a session that exists last for `lifetime` milliseconds from now, without writing its text. */
  touch(id: string, lifetime: number): Promise<void>;
  /** Removes a session, if it exists. */
  delete(id: string): Promise<void>;
}
