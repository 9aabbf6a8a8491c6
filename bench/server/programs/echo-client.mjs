// Sends a message on each of many WebSockets, and the next one when it has come back. Prints what was done.
import { WebSocket } from "ws";

const [port, count, seconds] = process.argv.slice(2).map(Number);
let requests = 0;
let isOver = false;
const message = "x".repeat(64);
const sockets = await Promise.all(
  Array.from({ length: count }, () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { perMessageDeflate: false });
    return new Promise((resolve, reject) => socket.on("open", () => resolve(socket)).on("error", reject));
  }),
);
const begun = performance.now();
for (const socket of sockets) {
  socket.on("message", () => {
    requests++;
    if (!isOver) socket.send(message);
  });
  socket.send(message);
}
setTimeout(() => {
  isOver = true;
  const perSecond = requests / ((performance.now() - begun) / 1_000);
  console.log(JSON.stringify({ requests, perSecond }));
  for (const socket of sockets) socket.terminate();
}, seconds * 1_000);
