import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import type { ServerHttp2Stream } from "node:http2";
import { test } from "node:test";
import { own, readBody, type StreamOwner } from "./stream-owner.ts";

function listen(): { stream: EventEmitter; heard: unknown[] } {
  const heard: unknown[] = [];
  const stream = new EventEmitter();
  const owner: StreamOwner = {
    streamAborted: () => void heard.push("aborted"),
    streamFinished: () => void heard.push("finished"),
    streamClosed: () => void heard.push("closed"),
    bodyArrived: (chunk) => void heard.push(chunk),
    trailersArrived: (fields) => void heard.push(fields),
    bodyEnded: () => void heard.push("ended"),
  };
  own(stream as unknown as ServerHttp2Stream, owner);
  readBody(stream as unknown as ServerHttp2Stream);
  return { stream, heard };
}

test("own() tells of everything that a stream says", () => {
  const { stream, heard } = listen();
  const chunk = Buffer.from("a");
  stream.emit("data", chunk);
  stream.emit("trailers", {}, 0, ["x", "y"]);
  for (const event of ["end", "aborted", "finish", "close"]) stream.emit(event);
  assert.deepEqual(heard, [chunk, ["x", "y"], "ended", "aborted", "finished", "closed"]);
});

test("own() lets go of its listener when the stream is closed", () => {
  const { stream, heard } = listen();
  stream.emit("close");
  for (const event of ["aborted", "finish", "close", "data", "end", "trailers"]) stream.emit(event);
  assert.deepEqual(heard, ["closed"]);
  const kept = stream as unknown as Record<symbol, unknown>;
  const key = Object.getOwnPropertySymbols(stream).find((it) => it.description === "owner");
  assert.equal(kept[key!], undefined);
});
