import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { pottle, Program } from "../_program.ts";

const folder = import.meta.dirname;

/** Starts a step as a program, twenty times as fast, and waits until it serves. */
async function start(context: ConstructorParameters<typeof Program>[0], ...args: string[]): Promise<string> {
  const program = new Program(context, args, { cwd: folder, env: { CITYSCAPE_SPEED: "20" } });
  const [url] = await program.printed(/http:\/\/[\w.:]+/);
  return url;
}

const steps: [name: string, command: string[], notFound: string | RegExp][] = [
  ["the blocking app", ["0-blocking/app.ts", "0"], "Not Found"],
  ["step 1", ["serve.ts", "1-pottle/app.ts", "0"], /There is nothing at this address/],
  ["step 2", ["serve.ts", "2-await/app.ts", "0"], /There is nothing at this address/],
  ["step 3", ["serve.ts", "3-blueprints/app.ts", "0"], "The page was not found."],
  ["the finished app", [pottle, "run", "app.ts", "--port", "0"], "The page was not found."],
];

for (const [name, command, notFound] of steps) {
  test(`${name} of cityscape answers route for route`, async (context) => {
    const url = await start(context, ...command);
    const get = async (path: string): Promise<[number, string]> => {
      const response = await fetch(url + path);
      return [response.status, await response.text()];
    };
    assert.deepEqual(await get("/"), [200, "Welcome to the city_scape API. Use /api/city/* for API calls."]);
    assert.deepEqual(await get("/api/weather/97201/us"), [200, '{"reason":"no API key","status":"disabled"}']);
    const [status, sun] = await get("/api/sun/97201/us");
    assert.equal(status, 200);
    assert.ok(sun.startsWith('{"astronomical_twilight_begin":"04:03:13 AM",'), sun);
    assert.deepEqual(await get("/api/events/S%C3%A3o%20Paulo/SP/br"), [
      200,
      '{"city":"São Paulo","country":"br","name":"Jeff the player","state":"SP"}',
    ]);
    const [missing, page] = await get("/api/city/1");
    assert.equal(missing, 404);
    if (typeof notFound === "string") assert.equal(page, notFound);
    else assert.match(page, notFound);
    const isPottle = name !== "the blocking app";
    assert.equal((await get("/%zz?a=%"))[0], isPottle ? 400 : 404);
    assert.equal((await get("//"))[0], isPottle ? 200 : 404); // it is sent on to /
    assert.equal((await get("/?a=b"))[0], 200);
  });
}

test("compare.ts prints how long the blocking app and the finished one take: twenty times 2 s, and 2 s", async (context) => {
  const program = new Program(context, [join(folder, "compare.ts"), "--speed", "20"]);
  assert.equal(await program.ended, 0, program.output);
  const totals = [...program.output.matchAll(/20 requests at once: +([\d.]+) s\n/g)].map(
    ([, seconds]) => Number(seconds) * 20,
  );
  assert.equal(totals.length, 2, program.output);
  const [blocking, finished] = totals;
  assert.ok(blocking! >= 40 && blocking! < 60, program.output);
  // At this speed what the first requests cost counts twenty times as well.
  assert.ok(finished! >= 2 && finished! < 20, program.output);
});
