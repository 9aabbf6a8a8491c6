import { createTask, isCancelled, type Task } from "../../asyncio/index.ts";
import { noop } from "../../base/noop.ts";
import { wrongType } from "../../base/refusal.ts";
import {
  type Application,
  type BytePipe,
  MemoryExchange,
  type Peer,
  type ResponseHead,
  serveExchange,
  WrappedExchange,
} from "../../http/index.ts";

/** What is known of a request besides itself. */
export interface FetchOptions {
  /**
   * The client.
   * @default unknown: `0.0.0.0`, which is no address of this machine
   */
  readonly peer?: Peer;
}

const unknownPeer: Peer = { address: "0.0.0.0", port: 0 };
const withoutBody: ReadonlySet<number> = new Set([204, 205, 304]);

/**
 * Answers a request of the web standard. The client leaves when the signal of the request is aborted, or the body of the
 * response is cancelled.
 */
export async function fetchFrom(app: Application, request: Request, options: FetchOptions = {}): Promise<Response> {
  if (!(request instanceof Request)) throw wrongType("fetch", "'request' must be a Request", request);
  const { peer = unknownPeer } = options;
  request.signal.throwIfAborted();
  const url = new URL(request.url);
  const scheme = url.protocol === "https:" ? "https" : "http";
  const exchange = new MemoryExchange({
    method: request.method,
    target: url.pathname + url.search,
    rawHeaders: headersOf(request, url),
    peer,
  });
  const leave = (): void => exchange.disconnect();
  const { signal } = request;
  signal.addEventListener("abort", leave, { once: true });
  const served = serveExchange({ handle: (it) => app.handle(new WrappedExchange(it, { scheme })) }, exchange);
  served.addDoneCallback(() => signal.removeEventListener("abort", leave));
  upload(request, exchange.upload, served);
  try {
    return toResponse(await exchange.head(), exchange);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  }
}

function headersOf(request: Request, url: URL): string[] {
  const { body, headers } = request;
  const list = [...headers].flat();
  if (!headers.has("host")) list.unshift("host", url.host);
  if (body !== null && !headers.has("content-length")) list.push("transfer-encoding", "chunked");
  return list;
}

/** Sends a body, no faster than the application reads it, until `served` is over. */
function upload({ body }: Request, pipe: BytePipe, served: Task<void>): void {
  if (body === null) return pipe.end();
  const reader = body.getReader();
  createTask(() => send(reader, pipe), { name: "body of a Request" });
  // A read that waits ends by it. A body that has failed says so again, and the application was told.
  served.addDoneCallback(() => void reader.cancel().catch(noop));
}

/** What the body fails with, the application is told. */
async function send(reader: ReadableStreamDefaultReader<Uint8Array>, pipe: BytePipe): Promise<void> {
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      pipe.push(piece.value);
      await pipe.room();
    }
    pipe.end();
  } catch (error) {
    if (isCancelled(error)) throw error;
    // Nothing happens if it is the pipe itself that has failed, as it does with its request.
    pipe.fail(error as Error);
  }
}

function toResponse({ status, headers }: ResponseHead, exchange: MemoryExchange): Response {
  const list = new Headers();
  for (let i = 0; i < headers.length; i += 2) list.append(headers[i]!, headers[i + 1]!);
  const hasBody = exchange.method !== "HEAD" && !withoutBody.has(status);
  return new Response(hasBody ? streamOf(exchange) : null, { status, headers: list });
}

function streamOf(exchange: MemoryExchange): ReadableStream<Uint8Array> {
  return new ReadableStream({
    type: "bytes",
    async pull(controller) {
      const piece = await exchange.download.read();
      if (piece !== undefined) return controller.enqueue(piece as Uint8Array<ArrayBuffer>);
      controller.close();
      controller.byobRequest?.respond(0);
    },
    cancel: () => exchange.disconnect(),
  });
}
