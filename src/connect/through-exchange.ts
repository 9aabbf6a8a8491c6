import type { ServerResponse } from "node:http";
import { Event } from "../asyncio/index.ts";
import {
  AlreadyRespondedError,
  dismissBody,
  type Exchange,
  HeaderList,
  planResponse,
  type RawHeaders,
  type RespondOptions,
  type ResponseBody,
  type ResponsePlan,
  sendStream,
  WrappedExchange,
} from "../http/index.ts";
import type { NodeCall } from "./node-call.ts";

/** What of a header is added to that of the middlewares, rather than put in its place. */
const added: ReadonlySet<string> = new Set(["set-cookie", "vary"]);

/**
 * The exchange of an application behind middlewares: its response passes through the response of Node, which they may have
 * given headers, and whose functions they may have replaced.
 */
export class ThroughExchange extends WrappedExchange {
  readonly #call: NodeCall;
  readonly #left: PromiseLike<void>;
  #status: number | undefined;

  /** @param left - Settles when the response has left, or could not. */
  constructor(inner: Exchange, call: NodeCall, left: PromiseLike<void>) {
    super(inner, {});
    this.#call = call;
    this.#left = left;
  }

  override get responded(): boolean {
    return this.#status !== undefined || super.responded;
  }

  // What a middleware has begun to read is gone on with where it has stopped.
  override async read(): Promise<Uint8Array | undefined> {
    const { request, wasRead } = this.#call;
    if (!wasRead) return await super.read();
    const { value } = (await request[Symbol.asyncIterator]().next()) as IteratorResult<Uint8Array, undefined>;
    return value;
  }

  override async respond(
    status: number,
    headers: RawHeaders,
    body: ResponseBody = "",
    options: RespondOptions = {},
  ): Promise<void> {
    const { response } = this.#call;
    if (this.#status !== undefined || response.headersSent)
      throw new AlreadyRespondedError(this, this.#status ?? response.statusCode);
    const plan = planResponse(this.method, status, headers, body);
    this.#status = status;
    setHead(response, plan);
    await this.#send(plan, body, options);
    await this.#left;
  }

  async #send(plan: ResponsePlan, body: ResponseBody, { trailers }: RespondOptions): Promise<void> {
    const { response } = this.#call;
    if (plan.body === undefined) {
      response.end();
      await dismissBody(body);
    } else if (typeof plan.body === "string" || plan.body instanceof Uint8Array) response.end(plan.body);
    else {
      await sendStream(plan.body, plan.declaredLength, (piece) => writePiece(response, piece));
      if (trailers !== undefined) response.addTrailers([...new HeaderList(trailers())]);
      response.end();
    }
  }
}

function setHead(response: ServerResponse, { status, headers }: ResponsePlan): void {
  response.statusCode = status;
  const list = new HeaderList(headers);
  const done = new Set<string>();
  for (const [name] of list) {
    const key = name.toLowerCase();
    if (done.has(key)) continue;
    done.add(key);
    const values = list.getAll(name);
    if (added.has(key)) response.appendHeader(name, values);
    else response.setHeader(name, values.length === 1 ? values[0]! : values);
  }
}

// A middleware that compresses holds pieces back unless it is told that each of them is to leave.
function writePiece(response: ServerResponse, piece: Uint8Array): Promise<void> | undefined {
  const hasRoom = response.write(piece);
  const { flush } = response as { flush?: () => void };
  if (typeof flush === "function") flush.call(response);
  return hasRoom || response.destroyed ? undefined : untilDrained(response);
}

async function untilDrained(response: ServerResponse): Promise<void> {
  const drained = new Event({ name: "room in the response" });
  const set = (): void => drained.set();
  response.once("drain", set).once("close", set);
  try {
    await drained.wait();
  } finally {
    response.off("drain", set).off("close", set);
  }
}
