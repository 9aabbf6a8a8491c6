import type { Doc, Engine } from "./_engine.ts";
import { CommandError } from "./command-error.ts";

const firstBatch = 101;

/** The remaining results of one query. */
interface OpenCursor {
  readonly namespace: string;
  /** The session in which the cursor was opened. */
  readonly session: string | undefined;
  docs: Doc[];
}

/** @internal Options of a new cursor. */
export interface CursorPlan {
  readonly namespace: string;
  /** The session in which the cursor is opened, as text. */
  readonly session: string | undefined;
  /** The size of the first batch. @default 101 */
  readonly batchSize?: number | undefined;
  /** Whether there is only one batch. @default false */
  readonly single?: boolean;
}

/** @internal The open cursors. */
export class Cursors {
  readonly #engine: Engine;
  readonly #open = new Map<number, OpenCursor>();
  #last = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** The number of open cursors. */
  get size(): number {
    return this.#open.size;
  }

  /** A reply with the first batch, and a cursor for the rest if there is one. */
  begin(docs: Doc[], { namespace, session, batchSize = firstBatch, single = false }: CursorPlan): Doc {
    const batch = docs.slice(0, batchSize);
    const rest = single ? [] : docs.slice(batchSize);
    let id = 0;
    if (rest.length > 0) {
      id = ++this.#last;
      this.#open.set(id, { namespace, session, docs: rest });
    }
    return { cursor: { firstBatch: batch, id: this.#engine.toLong(id), ns: namespace }, ok: 1 };
  }

  /** A reply with the next batch. @throws {CommandError} If there is no such cursor. */
  next(id: number, batchSize: number = Infinity): Doc {
    const cursor = this.#open.get(id);
    if (cursor === undefined) throw new CommandError("CursorNotFound", `cursor id ${id} not found`);
    const batch = cursor.docs.slice(0, batchSize);
    cursor.docs = cursor.docs.slice(batchSize);
    const isOver = cursor.docs.length === 0;
    if (isOver) this.#open.delete(id);
    return { cursor: { nextBatch: batch, id: this.#engine.toLong(isOver ? 0 : id), ns: cursor.namespace }, ok: 1 };
  }

  /** Closes the cursors of sessions. */
  killSessions(sessions: ReadonlySet<string>): void {
    for (const [id, { session }] of this.#open) {
      if (session !== undefined && sessions.has(session)) this.#open.delete(id);
    }
  }

  /** Closes cursors. Returns the numbers that were found, and those that were not. */
  kill(ids: readonly number[]): { readonly killed: number[]; readonly unknown: number[] } {
    const killed = ids.filter((id) => this.#open.has(id));
    const unknown = ids.filter((id) => !this.#open.has(id));
    for (const id of killed) this.#open.delete(id);
    return { killed, unknown };
  }
}
