// Connections that are opened and left alone. Nothing of them stays.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import { test } from "node:test";
import { CertificateFolder, first } from "../../src/base/certificates.fixture.ts";
import { countsDescriptors, Crowd, descriptors, heapUsed, Neighbour, Scene, until } from "./_scene.ts";

const bounded = { timeout: 60_000 };
const patient = { headersTimeout: 60_000, requestTimeout: 60_000, keepAliveTimeout: 60_000 };

/** What the heap may have grown by when all is over, in bytes. */
const mostLeft = 4_000_000;

type Leaving = (socket: Socket, index: number) => void;

const leavings: [how: string, leave: Leaving][] = [
  ["are closed", (socket) => void socket.end().resume()],
  ["are reset", (socket) => void socket.resetAndDestroy()],
  ["are closed or reset in the middle of a head", leaveInHead],
  ["are left to the server's limit", (socket) => void socket.resume()],
];

function leaveInHead(socket: Socket, index: number): void {
  socket.write("GET / HTTP/1.1\r\nHo");
  if (index % 2 === 0) socket.end().resume();
  else socket.resetAndDestroy();
}

for (const [how, leave] of leavings) {
  test(`serve() keeps nothing of 2,000 connections that ${how}`, bounded, async (context) => {
    const isPatient = !how.endsWith("limit");
    const options = isPatient ? patient : { headersTimeout: 300 };
    await using scene = await Scene.open(() => assert.fail("there is no request"), options);
    await using neighbour = new Neighbour(scene);
    await neighbour.more(1);
    const [open, heap] = [countsDescriptors ? descriptors() : 0, heapUsed()];
    const served = neighbour.answers;
    await comeAndLeave(scene, leave, !isPatient);
    await scene.untilAlone();
    await neighbour.more(5);
    assert.deepEqual(scene.server.statistics().connections, 1);
    const left = heapUsed() - heap;
    if (countsDescriptors) await until(() => descriptors() <= open);
    assert.ok(left < mostLeft, `${left} bytes are left`);
    context.diagnostic(
      `connections left: 0 of 2,000; descriptors: ${open} before, ${countsDescriptors ? descriptors() : 0} after; ` +
        `heap ${Math.round(left / 1_000)} kB more; neighbour: ${neighbour.answers - served} answers, ` +
        `slowest ${Math.round(neighbour.slowest)} ms`,
    );
  });
}

// In a function of its own, so that its sockets are garbage afterwards.
async function comeAndLeave(scene: Scene, leave: Leaving, isBrief: boolean): Promise<void> {
  const crowd = await Crowd.gather(scene, 2_000, isBrief);
  crowd.sockets.forEach((socket, index) => leave(socket, index));
  await crowd.gone();
}

/** Bytes that look random, and are the same each time. */
function garbage(index: number): Buffer {
  return Buffer.concat(Array.from({ length: 10 }, (_, i) => createHash("sha512").update(`${index} ${i}`).digest()));
}

// A record of TLS that says it is a ClientHello of 512 bytes, and has eleven of them.
const halfHello = Buffer.from("16030102000100fc0303abcdef", "hex");

const handshakes: [what: string, begin: Leaving][] = [
  ["bytes that mean nothing", (socket, index) => void socket.write(garbage(index))],
  ["a request in the clear", (socket) => void socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n")],
  ["half a ClientHello, and then nothing", (socket) => void socket.write(halfHello)],
  [
    "half a ClientHello, and then a reset",
    (socket) => void socket.write(halfHello, () => setImmediate(() => socket.resetAndDestroy())),
  ],
];

for (const [what, begin] of handshakes) {
  test(`serve() is left by 200 connections on which TLS begins with ${what}`, bounded, async (context) => {
    using folder = new CertificateFolder();
    const tls = folder.write("first", first);
    await using scene = await Scene.open(() => assert.fail("there is no request"), {
      ...patient,
      headersTimeout: 500,
      tls,
    });
    await using neighbour = new Neighbour(scene);
    await neighbour.more(1);
    const open = countsDescriptors ? descriptors() : 0;
    const crowd = await Crowd.gather(scene, 200);
    const served = neighbour.answers;
    crowd.sockets.forEach((socket, index) => begin(socket.resume(), index));
    await crowd.gone();
    await scene.untilAlone();
    await neighbour.more(5);
    assert.deepEqual(scene.outcomes(), { "- refused": 200 });
    if (countsDescriptors) await until(() => descriptors() <= open);
    context.diagnostic(
      `200 of 200 gone and logged; neighbour: ${neighbour.answers - served} answers, ` +
        `slowest ${Math.round(neighbour.slowest)} ms`,
    );
  });
}
