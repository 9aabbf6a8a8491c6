// aiohttp, which is the usual client of Python. Python's websockets is tested in ../server-wire/_web-socket-clients.ts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isPythonMissing, python, run, Served } from "./_served.ts";

const skip = isPythonMissing("aiohttp");

const script = `
import aiohttp, asyncio, json, ssl, sys

async def pieces():
    for piece in (b"a", b"bc", b"def"):
        yield piece

async def main(url, ca):
    context = ssl.create_default_context(cafile=ca) if ca else None
    seen = {}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:
        async with session.get(url) as response:
            seen["get"] = [response.status, await response.text()]
        async with session.get(url + "/pieces") as response:
            seen["pieces"] = await response.text()
        async with session.get(url + "/large") as response:
            seen["large"] = len(await response.read())
        async with session.post(url + "/length", data=b"x" * 3000000) as response:
            seen["post"] = await response.text()
        async with session.post(url + "/length", data=pieces()) as response:
            seen["stream"] = await response.text()
        async with session.post(url + "/length", data=b"wanted", expect100=True) as response:
            seen["expect"] = await response.text()
        seen["connections"] = sum(len(each) for each in session.connector._conns.values())
        async with session.ws_connect(url) as socket:
            await socket.send_str("é")
            seen["text"] = await socket.receive_str()
            await socket.send_bytes(b"\\x00\\x01")
            seen["bytes"] = list(await socket.receive_bytes())
            await socket.close(code=4001)
            seen["closed"] = socket.close_code
        try:
            async with session.get(url + "/wait/long", timeout=aiohttp.ClientTimeout(total=0.5)):
                pass
        except asyncio.TimeoutError:
            seen["timeout"] = True
    print(json.dumps(seen))

asyncio.run(main(*sys.argv[1:]))
`;

for (const isSecure of [false, true]) {
  test(`aiohttp is answered ${isSecure ? "by TLS" : "in the clear"}`, { skip }, async () => {
    await using served = await Served.open({ isSecure });
    const connections = new Set<unknown>();
    const { stdout, stderr } = await run(python, [
      "-W",
      "ignore",
      "-c",
      script,
      served.url,
      isSecure ? served.certFile : "",
    ]);
    assert.equal(stderr, "");
    assert.deepEqual(JSON.parse(stdout), {
      get: [200, `Hello by HTTP/1.1 and ${isSecure ? "https" : "http"}`],
      pieces: "one two three",
      large: 10_000_000,
      post: "3000000 bytes",
      stream: "6 bytes",
      expect: "6 bytes",
      connections: 1,
      text: "é",
      bytes: [0, 1],
      closed: 4001,
      timeout: true,
    });
    const outcomes = await served.outcomes(8);
    assert.deepEqual([outcomes.slice(0, 7), outcomes.at(-1)], [Array.from({ length: 7 }, () => "served"), "cancelled"]);
    for (const { peer } of served.entries.slice(0, 6)) connections.add(peer?.port);
    assert.equal(connections.size, 1);
  });
}
