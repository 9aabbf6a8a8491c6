import { ambient } from "../../asyncio/index.ts";
import { option } from "../../base/options.ts";
import { wrongType } from "../../base/refusal.ts";
import { requireRequest } from "../message/context.ts";
import type { Html } from "../html/html.ts";
import { isHtml } from "../html/html.ts";
import type { Session } from "./session.ts";
import { session } from "./sessions.ts";

/** A message with its category. */
export type CategorizedMessage = readonly [category: string, message: string | Html];

/** Options of {@link getFlashedMessages}. */
export interface FlashedMessagesOptions {
  /** Whether each message comes with its category. @default false */
  readonly withCategories?: boolean;
  /** The categories of the messages that are wanted. @default all */
  readonly categoryFilter?: readonly string[];
}

/** The name under which Python's frameworks keep them. */
const key = "_flashes";
/** The lists that were made here: another program may have written anything. */
const lists = ambient("web.sessions.flashes", () => new WeakSet<object>());
/** The messages of requests that have asked for them. */
const taken = ambient("web.sessions.flashed", () => new WeakMap<object, readonly CategorizedMessage[]>());

/**
 * Keeps a message in the session for the page that is shown next.
 *
 * @throws {TypeError} If `message` is neither text nor `html`, or `category` not text.
 * @throws {InvalidStateError} If there is no request, or its session cannot be changed.
 * @example
 * const app = new Pottle(import.meta);
 * sessions(app, { secretKey: "a long random secret" });
 * app.post("/save", () => {
 *   flash("It is saved.", "success");
 *   return redirect("/");
 * });
 * app.get("/", () => ({ messages: getFlashedMessages({ withCategories: true }) }));
 * const client = app.testClient();
 * const [cookie = ""] = ((await client.post("/save")).headers.get("set-cookie") ?? "").split(";");
 * console.log((await client.get("/", { headers: { cookie } })).text()); // {"messages":[["success","It is saved."]]}
 * @see https://flask.palletsprojects.com/en/stable/patterns/flashing/
 */
export function flash(message: string | Html, category: string = "message"): void {
  if (typeof message !== "string" && !isHtml(message)) {
    throw wrongType("flash a message", "it must be text or html", message);
  }
  if (typeof category !== "string") throw wrongType("flash a message", "'category' must be text", category);
  const current = session();
  const kept = ownMessages(current);
  // Added to the list that is there: to set it anew would check all messages for each.
  current.modified = true;
  kept.push(Object.freeze([category, message]));
}

/** The list of messages that the session has, which can be added to. */
function ownMessages(current: Session): CategorizedMessage[] {
  const value = current.get(key);
  if (Array.isArray(value) && lists.has(value)) return value as CategorizedMessage[];
  const messages = readMessages(value);
  current.set(key, messages);
  lists.add(messages);
  return messages;
}

/**
 * The messages that were flashed, and takes them out of the session. Asked again in the same request, it gives them again.
 *
 * @throws {TypeError} If an option has a wrong type.
 * @throws {InvalidStateError} If there is no request.
 */
export function getFlashedMessages(
  options: FlashedMessagesOptions & { readonly withCategories: true },
): CategorizedMessage[];
/** The messages alone, without their categories. */
export function getFlashedMessages(options?: FlashedMessagesOptions): (string | Html)[];
export function getFlashedMessages(options: FlashedMessagesOptions = {}): (CategorizedMessage | string | Html)[] {
  const { withCategories = false, categoryFilter } = options;
  const filter: unknown = categoryFilter ?? [];
  if (!Array.isArray(filter)) throw wrongType("get flashed messages", "'categoryFilter' must be a list", filter);
  option("get flashed messages", "withCategories", withCategories).boolean();
  const isWanted = ([category]: CategorizedMessage): boolean => filter.length === 0 || filter.includes(category);
  const messages = takeMessages().filter(isWanted);
  return withCategories ? messages : messages.map(([, message]) => message);
}

function takeMessages(): readonly CategorizedMessage[] {
  const { request } = requireRequest("getFlashedMessages()");
  const before = taken.get(request);
  if (before !== undefined) return before;
  const messages = readMessages(session().pop(key));
  taken.set(request, messages);
  return messages;
}

// Another program may have written them.
function readMessages(value: unknown): CategorizedMessage[] {
  return Array.isArray(value) ? value.filter(isMessage) : [];
}

function isMessage(value: unknown): value is CategorizedMessage {
  if (!Array.isArray(value) || value.length !== 2) return false;
  return typeof value[0] === "string" && (typeof value[1] === "string" || isHtml(value[1]));
}
