/** An event, as an `EventSource` hands it to its listeners. */
export interface ReceivedEvent {
  /** Its type; `message` unless the server says otherwise. */
  readonly event: string;
  /** Its content. The lines of it are separated by line feeds. */
  readonly data: string;
  /** The last id that was sent, with this event or before it; empty if there was none. */
  readonly id: string;
}

/**
 * Reads a stream of events, whichever way it is cut into pieces. Whatever it is given is no error: what is not a field is
 * skipped, as browsers do.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export class EventStreamParser {
  readonly #decoder = new TextDecoder();
  #line = "";
  #isAfterReturn = false;
  #event = "";
  #data: string[] = [];
  #id = "";
  #retry: number | undefined;

  /** The time, in milliseconds, after which the client is told to connect anew; `undefined` if it was not told. */
  get retry(): number | undefined {
    return this.#retry;
  }

  /** Takes a piece, and returns the events that are complete with it. */
  push(piece: Uint8Array): ReceivedEvent[] {
    const events: ReceivedEvent[] = [];
    let text = this.#decoder.decode(piece, { stream: true });
    if (text !== "" && this.#isAfterReturn) {
      this.#isAfterReturn = false;
      if (text.startsWith("\n")) text = text.slice(1);
    }
    const lines = text.split(/\r\n|\r|\n/);
    this.#isAfterReturn = text.endsWith("\r");
    const rest = lines.pop() ?? "";
    for (const line of lines) {
      const event = this.#take(this.#line + line);
      this.#line = "";
      if (event !== undefined) events.push(event);
    }
    this.#line += rest;
    return events;
  }

  #take(line: string): ReceivedEvent | undefined {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "data") this.#data.push(value);
    else if (field === "event") this.#event = value;
    else if (field === "id" && !value.includes("\0")) this.#id = value;
    else if (field === "retry" && /^\d+$/.test(value)) this.#retry = Number(value);
    return undefined;
  }

  #dispatch(): ReceivedEvent | undefined {
    const [data, event] = [this.#data, this.#event];
    this.#data = [];
    this.#event = "";
    if (data.length === 0) return undefined;
    return { event: event === "" ? "message" : event, data: data.join("\n"), id: this.#id };
  }
}
