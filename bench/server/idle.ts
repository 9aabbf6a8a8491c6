// Memory of idle connections that are kept, beside node:http: resident bytes for each of 10,000.
//
//   npm run bench:server:idle -- [--connections 10000]

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { parseArgs } from "node:util";
import { run, sleep } from "pottle/asyncio";
import { Candidate } from "./candidate.ts";
import { peers } from "./peers.ts";

const { values } = parseArgs({ options: { connections: { type: "string", default: "10000" } } });
const count = Number(values.connections);

function residentBytes(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) * 1_024;
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.write("GET /plain HTTP/1.1\r\nHost: a\r\n\r\n");
  await once(socket, "data");
  return socket;
}

await run(async () => {
  for (const peer of peers.filter(({ id }) => ["pottle", "node:http", "fastify"].includes(id))) {
    await using candidate = await Candidate.start({ ...peer, command: [...peer.command, "idle"] });
    for (let i = 0; i < 200; i++) (await open(candidate.port)).destroy();
    await sleep(500);
    // All keep them for longer than this takes.
    const before = residentBytes(candidate.pid);
    const sockets: Socket[] = [];
    for (let i = 0; i < count; i += 100)
      sockets.push(...(await Promise.all(Array.from({ length: 100 }, () => open(candidate.port)))));
    await sleep(1_000);
    const each = (residentBytes(candidate.pid) - before) / count;
    console.log(`${peer.title}: ${Math.round(each)} bytes of resident memory a connection`);
    for (const socket of sockets) socket.destroy();
  }
});
