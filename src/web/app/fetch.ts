import { createTask, isCancelled } from "../../asyncio/index.ts";
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
  upload(request, exchange.upload);
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

function upload({ body }: Request, pipe: BytePipe): void {
  if (body === null) pipe.end();
  else createTask(() => send(body, pipe), { name: "body of a Request" });
}

/** Sends a body piece by piece, no faster than the application reads it. What it fails with, the application is told. */
async function send(body: ReadableStream<Uint8Array>, pipe: BytePipe): Promise<void> {
  const reader = body.getReader();
  for (let piece = await next(reader, pipe); piece !== undefined; piece = await next(reader, pipe)) {
    pipe.push(piece);
    if (!(await hasRoom(pipe))) return await reader.cancel();
  }
  pipe.end();
}

async function next(reader: ReadableStreamDefaultReader<Uint8Array>, pipe: BytePipe): Promise<Uint8Array | undefined> {
  try {
    return (await reader.read()).value;
  } catch (error) {
    pipe.fail(error as Error);
    return undefined;
  }
}

/** Waits for room; whether anything will be read. The pipe fails when the request is over. */
async function hasRoom(pipe: BytePipe): Promise<boolean> {
  try {
    await pipe.room();
    return !pipe.isDiscarding;
  } catch (error) {
    if (isCancelled(error)) throw error;
    return false;
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
