import { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Exchange } from "../http/index.ts";

/** What Node keeps once of a header that a request has several times. */
const single: ReadonlySet<string> = new Set([
  "age",
  "authorization",
  "content-length",
  "content-type",
  "etag",
  "expires",
  "from",
  "host",
  "if-modified-since",
  "if-unmodified-since",
  "last-modified",
  "location",
  "max-forwards",
  "proxy-authorization",
  "referer",
  "retry-after",
  "server",
  "user-agent",
]);

/** What Express reads beside what is Node's. */
interface Located {
  /** The path under which the application is mounted, which Express puts before the paths of its routers. */
  baseUrl?: string;
  /** The target with that path. */
  originalUrl?: string;
}

/**
 * A request as `node:http` shows it, whose body is that of an exchange. What differs from Node's own is put on the object
 * itself: Express gives it another prototype.
 */
export class NodeRequest {
  readonly message: IncomingMessage & Located;
  readonly #exchange: Exchange;
  #isReading = false;
  #wasRead = false;
  #isLeft = false;

  constructor(exchange: Exchange, socket: Socket) {
    this.#exchange = exchange;
    this.message = new IncomingMessage(socket);
    this.#describe();
    const noteFirstRead = Reflect.get<object, string>(IncomingMessage.prototype, "_read") as (size: number) => void;
    Object.defineProperty(this.message, "_read", {
      value: (size: number) => {
        noteFirstRead.call(this.message, size);
        this.#read();
      },
    });
  }

  /** Whether code has asked for the body. */
  get wasRead(): boolean {
    return this.#wasRead;
  }

  /** Drops the rest of the body, as Node does when the response has left. */
  leave(): void {
    const { message } = this;
    this.#isLeft = true;
    if (message.readableEnded || message.destroyed) return;
    this.#endOfBody();
    message.resume();
  }

  #describe(): void {
    const { message } = this;
    const { method, target, rawHeaders, httpVersion, basePath = "" } = this.#exchange;
    const [major = 1, minor = 0] = httpVersion.split(".").map(Number);
    message.method = method;
    message.url = target;
    message.baseUrl = basePath.split("/").map(encodeURIComponent).join("/");
    message.originalUrl = message.baseUrl + target;
    message.httpVersion = `${major}.${minor}`;
    message.httpVersionMajor = major;
    message.httpVersionMinor = minor;
    message.rawHeaders = [...rawHeaders];
    message.headers = joinHeaders(rawHeaders);
    message.headersDistinct = listHeaders(rawHeaders);
  }

  #read(): void {
    this.#wasRead = true;
    if (this.#isReading || this.#isLeft || this.message.complete) return;
    this.#isReading = true;
    void this.#pull();
  }

  async #pull(): Promise<void> {
    const { message } = this;
    try {
      const piece = await this.#exchange.read();
      this.#isReading = false;
      if (this.#isLeft || message.destroyed) return;
      if (piece === undefined) this.#endOfBody();
      else message.push(piece);
    } catch (error) {
      message.destroy(error as Error);
    }
  }

  #endOfBody(): void {
    const { message } = this;
    if (message.complete) return;
    message.complete = true;
    message.rawTrailers = [...this.#exchange.trailers];
    message.trailers = joinHeaders(message.rawTrailers) as NodeJS.Dict<string>;
    message.push(null);
  }
}

type Joined = Record<string, string | string[]>;

/** The headers by their names in small letters, several of one name joined as Node does. */
function joinHeaders(rawHeaders: readonly string[]): Joined {
  const joined = Object.create(null) as Joined;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase();
    const value = rawHeaders[i + 1]!;
    const before = joined[name];
    if (name === "set-cookie") joined[name] = [...((before as string[] | undefined) ?? []), value];
    else if (before === undefined) joined[name] = value;
    else if (!single.has(name)) joined[name] = `${before as string}${name === "cookie" ? "; " : ", "}${value}`;
  }
  return plain(joined);
}

function listHeaders(rawHeaders: readonly string[]): Record<string, string[]> {
  const lists = Object.create(null) as Record<string, string[]>;
  for (let i = 0; i < rawHeaders.length; i += 2) (lists[rawHeaders[i]!.toLowerCase()] ??= []).push(rawHeaders[i + 1]!);
  return plain(lists);
}

// An object as users of `req.headers` know it, on which a header called `__proto__` is a property like any other.
function plain<T>(entries: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(entries));
}
