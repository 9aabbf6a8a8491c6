import assert from "node:assert/strict";
import { test } from "node:test";
import { run } from "../../asyncio/index.ts";
import { readSettings } from "../settings/read-settings.ts";
import { type Plan, planOf } from "./places.ts";

async function plan(args: readonly string[], last?: number): Promise<Plan> {
  const request = await readSettings(["app.ts", ...args], {});
  assert.ok(request.kind === "run");
  return await run(() => planOf(request.settings, last));
}

const table: [args: readonly string[], last: number | undefined, plan: Plan][] = [
  [["--port", "8000"], undefined, { places: [{ host: "127.0.0.1", port: 8_000 }], isAnyPort: false }],
  [["--port", "8000"], 9_000, { places: [{ host: "127.0.0.1", port: 8_000 }], isAnyPort: false }],
  [["--port", "0"], undefined, { places: [{ host: "127.0.0.1", port: 0 }], isAnyPort: true }],
  [["--port", "0"], 9_000, { places: [{ host: "127.0.0.1", port: 9_000 }], isAnyPort: true }],
  [["--host", "unix:/run/a.sock"], 9_000, { places: [{ host: "unix:/run/a.sock", port: 0 }], isAnyPort: false }],
  [
    ["--bind", "localhost:1,http://[::1]:2,unix:/run/a.sock,:3,10.0.0.1", "--port", "4"],
    9_000,
    {
      places: [
        { host: "localhost", port: 1 },
        { host: "::1", port: 2 },
        { host: "unix:/run/a.sock", port: 0 },
        { host: "::", port: 3 },
        { host: "10.0.0.1", port: 4 },
      ],
      isAnyPort: false,
    },
  ],
  // An open socket needs no other, and what is wrong is refused by the server.
  [["--bind", "fd://3,a b:1"], undefined, { places: [], isAnyPort: false }],
];

for (const [args, last, expected] of table) {
  test(`planOf() reads where to listen from ${args.join(" ")}, after ${last ?? "no port"}`, async () => {
    assert.deepEqual(await plan(args, last), expected);
  });
}
