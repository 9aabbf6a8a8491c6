import * as children from "./_children-and-lines.ts";
import * as files from "./_files.ts";
import * as sockets from "./_sockets.ts";
import * as streams from "./_streams.ts";
import * as timers from "./_timers-and-events.ts";
import type { Way } from "./_way.ts";
import * as web from "./_web.ts";

/** The ways, by the part of the platform that they belong to. */
export const sections: readonly (readonly [string, readonly Way[]])[] = [
  ["timers", timers.timers],
  ["`node:events`", timers.events],
  ["files", files.wholeFiles],
  ["file handles", files.fileHandles],
  ["streams of files", files.fileStreams],
  ["`node:stream`", streams.streams],
  ["pipelines", streams.pipelines],
  ["operators of `Readable`", streams.operators],
  ["child processes", children.children],
  ["`node:readline`", children.readlines],
  ["requests of `node:http`", sockets.httpRequests],
  ["sockets and servers", sockets.sockets],
  ["`fetch`", web.fetches],
  ["web streams and locks", web.webStreams],
  ["`undici`", web.undiciWays],
  ["code of your own", web.ownCode],
];
