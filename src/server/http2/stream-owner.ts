import type { ServerHttp2Stream } from "node:http2";
import type { RawHeaders } from "../../http/index.ts";

/** What is told of a stream. */
export interface StreamOwner {
  /** It was closed before its response had an end. */
  streamAborted(): void;
  /** What was written to it has left, or will not. */
  streamFinished(): void;
  /** It is closed. Nothing is told after that. */
  streamClosed(): void;
  /** A piece of a body has come. */
  bodyArrived(chunk: Uint8Array): void;
  /** Trailers have come behind the body, as a list of names and values. */
  trailersArrived(fields: RawHeaders): void;
  /** There is no more of the body. */
  bodyEnded(): void;
}

const owner: unique symbol = Symbol("owner");

interface OwnedStream extends ServerHttp2Stream {
  [owner]?: StreamOwner | undefined;
}

/**
 * Tells `listener` of a stream until it is closed, and lets go of it then. A closed stream lives on until the next large
 * garbage collection; an exchange, and what its request has made, is not to live as long. That was a third of the cost of a
 * small request.
 */
export function own(stream: ServerHttp2Stream, listener: StreamOwner): void {
  (stream as OwnedStream)[owner] = listener;
  stream.on("aborted", onAborted);
  stream.on("finish", onFinish);
  stream.on("close", onClose);
}

/** Begins to read the body of a stream that is owned. */
export function readBody(stream: ServerHttp2Stream): void {
  stream.on("data", onData);
  stream.on("trailers", onTrailers);
  stream.on("end", onEnd);
}

function onAborted(this: OwnedStream): void {
  this[owner]?.streamAborted();
}

function onFinish(this: OwnedStream): void {
  this[owner]?.streamFinished();
}

function onClose(this: OwnedStream): void {
  const listener = this[owner];
  this[owner] = undefined;
  listener?.streamClosed();
}

function onData(this: OwnedStream, chunk: Uint8Array): void {
  this[owner]?.bodyArrived(chunk);
}

function onTrailers(this: OwnedStream, _fields: unknown, _flags: number, list: RawHeaders): void {
  this[owner]?.trailersArrived(list);
}

function onEnd(this: OwnedStream): void {
  this[owner]?.bodyEnded();
}
