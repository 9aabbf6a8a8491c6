import { createSocket } from "node:dgram";
import { once } from "node:events";
import http, { type ClientRequest, type IncomingMessage } from "node:http";
import http2, { type ClientHttp2Stream } from "node:http2";
import https from "node:https";
import net from "node:net";
import { finished } from "node:stream/promises";
import tls from "node:tls";
import type { Scene } from "./_scene.ts";
import { abortError, deaf, drain, lostReason, returns, type Way } from "./_way.ts";

/** The response to `request`. */
export function response(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.on("response", resolve);
    request.on("error", reject);
  });
}

function secure(path: string, signal: AbortSignal, { stage }: Scene): Promise<IncomingMessage> {
  const url = `https://127.0.0.1:${stage.port("https")}${path}`;
  return response(https.get(url, { signal, rejectUnauthorized: false, agent: false }));
}

function streamOf(path: string, signal: AbortSignal, scene: Scene): ClientHttp2Stream {
  const session = http2.connect(`http://127.0.0.1:${scene.stage.port("http2")}`);
  // Gracefully: Node does not bear that one is destroyed while its peer writes.
  scene.closes(session, (it) => it.close());
  return session.request({ ":path": path }, { signal });
}

export const httpRequests: readonly Way[] = [
  abortError("`http.get`, its response", "at once", (signal, { stage }) =>
    response(http.get(stage.url("/hang"), { signal })),
  ),
  abortError(
    "`http.get`, its response, before it has connected",
    "at once",
    (signal, { stage }) => response(http.get(stage.url("/hang"), { signal, agent: false })),
    { isShort: true },
  ),
  lostReason(
    "`for await` over the body of `http.get`",
    "throws an error without a cause",
    "later",
    async (signal, scene) =>
      drain(scene.ready(await response(http.get(scene.stage.url("/part"), { signal, agent: false })))),
    { tellsReady: true },
  ),
  abortError("`finished(http.request(…))`, while it uploads", "at once", (signal, { stage }) => {
    const request = http.request(stage.url("/upload"), { method: "POST", signal });
    request.write(Buffer.alloc(4 << 20));
    return finished(request);
  }),
  abortError("`https.get`, its response", "at once", (signal, scene) => secure("/hang", signal, scene)),
  lostReason(
    "`for await` over the body of `https.get`",
    "throws an error without a cause",
    "later",
    async (signal, scene) => drain(scene.ready(await secure("/part", signal, scene))),
    { tellsReady: true },
  ),
  abortError('`once(http2Session.request(…), "response")`', "at once", (signal, scene) =>
    once(streamOf("/hang", signal, scene), "response"),
  ),
  abortError("`for await` over `http2Session.request(…)`", "at once", (signal, scene) =>
    drain(streamOf("/part", signal, scene)),
  ),
];

function closeSocket(socket: net.Socket): void {
  socket.destroy();
}

export const sockets: readonly Way[] = [
  abortError('`once(net.connect({ signal }), "data")`', "at once", (signal, scene) => {
    const options = { port: scene.stage.port("net"), host: "127.0.0.1", signal };
    return once(scene.closes(net.connect(options), closeSocket), "data");
  }),
  abortError("`for await` over `new net.Socket({ signal })`", "at once", (signal, scene) => {
    const socket = scene.closes(new net.Socket({ signal }), closeSocket);
    return drain(socket.connect(scene.stage.port("net"), "127.0.0.1"));
  }),
  abortError(
    '`once(tls.connect({ signal }), "data")`',
    "at once",
    (signal, scene) => {
      const options = { port: scene.stage.port("tls"), host: "127.0.0.1", rejectUnauthorized: false, signal };
      return once(scene.closes(tls.connect(options as tls.ConnectionOptions), closeSocket), "data");
    },
    { whenAborted: "crashes" },
  ),
  returns('`once(netServer.listen({ signal }), "close")`', "at once", (signal) =>
    once(net.createServer().listen({ port: 0, host: "127.0.0.1", signal }), "close"),
  ),
  returns('`once(httpServer.listen({ signal }), "close")`', "at once", (signal) =>
    once(http.createServer().listen({ port: 0, host: "127.0.0.1", signal }), "close"),
  ),
  returns(
    '`once(dgram.createSocket({ signal }), "close")`',
    "at once",
    (signal) => {
      const socket = createSocket({ type: "udp4", signal });
      socket.bind(0, "127.0.0.1");
      return once(socket, "close");
    },
    { whenAborted: "throws something else" },
  ),
  deaf(
    '`once(dgram.createSocket({ signal }), "message")`',
    (signal) => {
      const socket = createSocket({ type: "udp4", signal });
      socket.bind(0, "127.0.0.1");
      return once(socket, "message");
    },
    { whenAborted: "throws something else" },
  ),
];
