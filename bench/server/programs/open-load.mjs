// An open load: requests at moments that do not depend on the answers, as of many users who know nothing of each other. The
// time of an answer counts from the moment at which its request was to be sent, so that a server that stops for a while
// answers for all requests that came meanwhile.
//
//   node open-load.mjs PORT PATH REQUESTS_A_SECOND SECONDS CONNECTIONS SEED
//
// Prints JSON: how many answers there were, how many a second, and percentiles in milliseconds; `late` is the 99th percentile
// of how late a request was sent although a connection was free, which is the load's own delay.

import { once } from "node:events";
import { connect } from "node:net";

const [, , port, path, rateText, secondsText, count, seed] = process.argv;
const [rate, seconds] = [Number(rateText), Number(secondsText)];
const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;

let state = Number(seed) || 1;
/** A number from 0 to 1: xorshift, the same for a seed. */
function random() {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) / 2 ** 32;
}

const free = [];
const waiting = [];
const taken = [];
const late = [];
let failure;

class Connection {
  #due = 0;
  #text = "";

  constructor(socket) {
    this.socket = socket;
    socket.setNoDelay().setEncoding("latin1");
    socket.on("data", (text) => this.#received(text));
    socket.on("close", () => (failure ??= "a connection was closed"));
    socket.on("error", (error) => (failure ??= error.message));
  }

  send(due) {
    this.#due = due;
    this.socket.write(request);
  }

  #received(text) {
    this.#text += text;
    const end = this.#text.indexOf("\r\n\r\n");
    if (end < 0) return;
    const length = /^content-length: *(\d+)/im.exec(this.#text.slice(0, end + 2));
    if (length === null || !this.#text.startsWith("HTTP/1.1 200 ")) failure ??= this.#text.slice(0, 200);
    else if (this.#text.length < end + 4 + Number(length[1])) return;
    this.#text = "";
    taken.push(performance.now() - this.#due);
    if (waiting.length > 0) this.send(waiting.shift());
    else free.push(this);
  }
}

for (let i = 0; i < Number(count); i++) {
  const socket = connect(Number(port), "127.0.0.1");
  await once(socket, "connect");
  free.push(new Connection(socket));
}

const begun = performance.now();
const end = begun + seconds * 1_000;
let sent = 0;
let next = begun;
// The loop does not sleep: a timer is up to a millisecond late. This program has a core of its own.
function turn() {
  const now = performance.now();
  for (; next <= now && next < end; next += (-Math.log(1 - random()) * 1_000) / rate) {
    sent++;
    const connection = free.pop();
    if (connection === undefined) {
      waiting.push(next);
      continue;
    }
    late.push(now - next);
    connection.send(next);
  }
  const isOver = (next >= end && taken.length >= sent) || now > end + 10_000;
  if (failure === undefined && !isOver) return void setImmediate(turn);
  if (failure !== undefined || taken.length < sent) {
    console.error(failure ?? `${sent - taken.length} requests were not answered`);
    process.exit(1);
  }
  console.log(JSON.stringify(summary((now - begun) / 1_000)));
  process.exit(0);
}
turn();

function summary(elapsed) {
  const [times, delays] = [taken, late].map((all) => all.sort((a, b) => a - b));
  const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return {
    requests: times.length,
    perSecond: times.length / elapsed,
    p50: at(times, 0.5),
    p99: at(times, 0.99),
    p999: at(times, 0.999),
    late: at(delays, 0.99),
  };
}
