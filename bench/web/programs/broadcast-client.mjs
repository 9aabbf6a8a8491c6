// Opens many WebSockets and prints "ready". For each line on its standard input, a number of seconds, it publishes a message
// again and again for so long, the next one when all have received the last. Then it prints JSON: how many messages were
// delivered, and how many a second.
//
//   node broadcast-client.mjs PORT CLIENTS
//
// All messages have the same length, below 126 bytes.

import { once } from "node:events";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { createInterface } from "node:readline";

const [port, clients] = process.argv.slice(2).map(Number);
const message = "x".repeat(64);
const pong = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);
const handshake =
  `GET /news HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

let [received, wanted, allReceived] = [0, 0, () => undefined];

async function open() {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", fail).on("close", () => fail(new Error("A WebSocket was closed")));
  await once(socket, "connect");
  socket.write(handshake);
  const [head] = await once(socket, "data");
  if (!head.toString("latin1").startsWith("HTTP/1.1 101 ")) fail(new Error(head.toString("latin1")));
  if (!head.toString("latin1").endsWith("\r\n\r\n")) fail(new Error("There was more than the head"));
  socket.on("data", readFrames(socket));
}

/** Counts messages, and answers pings, without which a server may close the WebSocket. */
function readFrames(socket) {
  let rest = Buffer.alloc(0);
  return (bytes) => {
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    let messages = 0;
    while (rest.length >= 2 && rest.length >= 2 + rest[1]) {
      if (rest[0] === 0x81 && rest[1] === message.length) messages++;
      else if (rest[0] === 0x89 && rest[1] === 0) socket.write(pong);
      else fail(new Error(`There was a frame of ${rest[1]} bytes that begins with ${rest[0]}`));
      rest = rest.subarray(2 + rest[1]);
    }
    received += messages;
    if (messages > 0 && received >= wanted) allReceived();
  };
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 });
async function publish() {
  const headers = { "Content-Type": "text/plain", "Content-Length": message.length };
  const sent = request({ port, host: "127.0.0.1", path: "/news", method: "POST", headers, agent });
  sent.end(message);
  const [response] = await once(sent, "response");
  if (response.statusCode !== 200) fail(new Error(`The status is ${response.statusCode}`));
  response.resume();
  await once(response, "end");
}

function fail(error) {
  console.error(error);
  process.exit(1);
}

const giveUp = setTimeout(() => fail(new Error("It takes too long")), 30_000);
// In groups, as a server may have a short list of connections that it has not yet accepted.
for (let opened = 0; opened < clients; opened += 50) {
  await Promise.all(Array.from({ length: Math.min(50, clients - opened) }, open));
}

clearTimeout(giveUp);
console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
  const duration = Number(line) * 1_000;
  const late = setTimeout(() => fail(new Error("Not all messages arrived")), duration + 30_000);
  console.log(JSON.stringify(await publishFor(duration)));
  clearTimeout(late);
}
process.exit(0);

async function publishFor(duration) {
  const begun = performance.now();
  let published = 0;
  do {
    wanted += clients;
    published++;
    const arrived = new Promise((resolve) => (allReceived = resolve));
    await publish();
    if (received < wanted) await arrived;
  } while (performance.now() - begun < duration);
  if (received !== wanted) fail(new Error(`There were ${received} messages, not ${wanted}`));
  const requests = published * clients;
  return { requests, perSecond: requests / ((performance.now() - begun) / 1_000) };
}
