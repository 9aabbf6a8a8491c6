import { option } from "../../base/options.ts";
import { cannot, wrongType } from "../../base/refusal.ts";
import { showKind } from "../../base/show.ts";

/** One event of a stream for `EventSource`. */
export interface ServerSentEvent {
  /**
   * The content: a string as it is, which may have several lines, and every other value as JSON. The client hears nothing of
   * an event without it.
   */
  readonly data?: unknown;
  /**
   * The type, on which the client listens: `source.addEventListener("price", …)`.
   * @default "message"
   */
  readonly event?: string;
  /** The id. A client that connects anew sends the last one that it has seen as `Last-Event-ID`. */
  readonly id?: string;
  /** The time, in milliseconds, after which a client that has lost its connection connects anew. */
  readonly retry?: number;
  /** A text that clients skip. */
  readonly comment?: string;
}

const action = "send the event";
const fields: ReadonlySet<string> = new Set(["data", "event", "id", "retry", "comment"]);
const marks: readonly string[] = ["data", "retry", "comment"];

/**
 * Whether a value is an event, and not a value to be sent as the data of one: it has `data`, `retry` or `comment`, and no
 * property that events do not have.
 */
export function isServerSentEvent(value: unknown): value is ServerSentEvent {
  if (typeof value !== "object" || value === null) return false;
  return marks.some((name) => Object.hasOwn(value, name)) && Object.keys(value).every((name) => fields.has(name));
}

/**
 * Writes an event as it is sent. Each line of a text becomes a line of its own, whichever way it was ended, so that no text
 * can begin another field or another event.
 *
 * @throws {TypeError} If `event` or `id` has a line break in it, `id` a NUL, or `data` is nothing that JSON has.
 * @throws {RangeError} If `retry` is not a whole number of milliseconds.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export function formatEvent({ data, event, id, retry, comment }: ServerSentEvent): string {
  let text = "";
  if (comment !== undefined) text += linesOf("", requireText("comment", comment));
  if (event !== undefined) text += `event: ${requireLine("event", event, /[\r\n]/)}\n`;
  if (id !== undefined) text += `id: ${requireLine("id", id, /[\r\n\0]/)}\n`;
  if (retry !== undefined)
    text += `retry: ${option(action, "retry", retry).count({ from: 0, unit: "milliseconds" })}\n`;
  if (data !== undefined) text += linesOf("data", toText(data));
  return `${text}\n`;
}

/**
 * Writes an item of a stream: an event, or a value that becomes the data of one.
 *
 * @throws The errors of {@link formatEvent}.
 */
export function formatItem(item: unknown): string {
  return isServerSentEvent(item) ? formatEvent(item) : `${linesOf("data", toText(item))}\n`;
}

function linesOf(field: string, text: string): string {
  return `${field}: ${text.replaceAll(/\r\n|\r|\n/g, `\n${field}: `)}\n`;
}

function requireText(name: string, value: unknown): string {
  if (typeof value === "string") return value;
  throw wrongType(action, `'${name}' must be a string`, value, showKind);
}

function requireLine(name: string, value: unknown, forbidden: RegExp): string {
  const text = requireText(name, value);
  if (!forbidden.test(text)) return text;
  const what = name === "id" ? "a line break or NUL" : "a line break";
  throw new TypeError(cannot(action, `'${name}' must not have ${what} in it`, text));
}

function toText(data: unknown): string {
  if (typeof data === "string") return data;
  const isLost =
    typeof data === "object" && data !== null && Symbol.iterator in data && !Array.isArray(data) && !("toJSON" in data);
  const text = isLost ? undefined : (JSON.stringify(data) as string | undefined);
  if (text !== undefined) return text;
  throw wrongType(action, "'data' must be a string, or a value that JSON has", data, showKind);
}
