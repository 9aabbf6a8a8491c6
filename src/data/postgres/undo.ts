import { timeout, uncancellable } from "../../asyncio/index.ts";
import { ask } from "./ask.ts";
import { Query } from "./query.ts";
import type { Session } from "./session.ts";

/** How long undoing may take before the connection is broken off; in milliseconds. */
const undoLimit = 5_000;

/** @internal Undoes something. What cannot be undone in time is undone by the server, once the connection is broken off. */
export async function undo(session: Session, text: string): Promise<void> {
  if (session.isLost) return;
  try {
    await uncancellable(() => timeout(undoLimit, () => ask(session, new Query(text))));
  } catch {
    session.destroy();
  }
}
