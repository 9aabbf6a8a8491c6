import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { startPostgres } from "pottle/postgres";
import { pottle, Program } from "../_program.ts";
import { noChromium, startChromium } from "./_chromium.ts";
import { curlPromises, promises } from "./_promises.ts";
import { exhibits } from "./exhibits.ts";
import { programs } from "./programs.ts";

const file = join(import.meta.dirname, "app.ts");
const links = exhibits.flatMap((exhibit) => exhibit.links);

// The data of its PostgreSQL would be those of whoever uses the tour at the moment.
const data = mkdtempSync(join(tmpdir(), "pottle-tour-"));
chmodSync(data, 0o755);
const database = await startPostgres({ folder: data });
const program = new Program({ after }, [pottle, "run", file, "--port", "0"], {
  env: {
    DATABASE_URL: database.url,
    DATABASE: join(data, "flaskr.sqlite"),
    UPLOADS: join(data, "uploads"),
  },
});
const serving = program.printed(/http:\/\/[\w.:]+/).then(([url]) => url);
after(async () => {
  await program.stop();
  await database.stop();
  rmSync(data, { recursive: true, force: true });
});

/** Reads an answer until it matches, and leaves: some answers never end. */
async function readUntil(url: string, pattern: RegExp): Promise<string> {
  const leave = new AbortController();
  const response = await fetch(url, { signal: AbortSignal.any([leave.signal, AbortSignal.timeout(30_000)]) });
  let text = "";
  for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
    text += piece;
    if (!pattern.test(text)) continue;
    leave.abort();
    return text;
  }
  assert.match(text, pattern);
  return text;
}

describe("the tour", { concurrency: true }, () => {
  test("its last line is its address", async () => {
    const url = await serving;
    assert.match(program.output, new RegExp(`${url}\\n(?:\\d|$)`));
  });

  test("GET / shows a link and a line for curl for everything", async () => {
    const url = await serving;
    const page = await (await fetch(url)).text();
    for (const { href, shows, curl = href } of links) {
      const command = `curl ${curl.replace("/", `${url}/`)}`;
      assert.ok(page.includes(`<a href="${href}">${href}</a> <span>${shows}</span><code>${command}</code>`), href);
    }
  });

  test("every link of the tour is tested, and every page that runs a program is linked", () => {
    const hrefs = links.map(({ href }) => href).toSorted();
    assert.deepEqual(hrefs, Object.keys(promises).toSorted());
    for (const { folder } of programs) assert.ok(hrefs.includes(`/programs/${folder}`), folder);
  });

  for (const [href, promise] of Object.entries(promises)) {
    test(`GET ${href} shows what it promises`, async () => {
      const url = await serving;
      await readUntil(url + href, promise);
    });
  }

  for (const [path, promise] of Object.entries(curlPromises)) {
    test(`curl ${path} shows what it promises`, async () => {
      const url = await serving;
      await readUntil(url + path, promise);
    });
  }

  test("every line for curl is tested", () => {
    const paths = links.map(({ href, curl = href }) => curl.replace(/^[^/]*/, ""));
    const tested = [...Object.keys(promises), ...Object.keys(curlPromises), "/closed-tab/sleep"];
    for (const path of paths) assert.ok(tested.includes(path), path);
  });

  test("a query ends when its client leaves", async () => {
    const url = await serving;
    await assert.rejects(fetch(`${url}/closed-tab/sleep`, { signal: AbortSignal.timeout(500) }), {
      name: "TimeoutError",
    });
    await program.printed(/GET \/closed-tab\/sleep - 0 B \d+ ms cancelled: Client .* disconnected/);
  });

  test("a program prints into its page as it goes, and is killed when its client leaves", async () => {
    const url = await serving;
    const text = await readUntil(
      `${url}/programs/producer-consumer/one`,
      /generated item 1\n[^]*Processed value 1 after/,
    );
    assert.doesNotMatch(text, /App exiting/);
    await program.printed(/GET \/programs\/producer-consumer\/one 200 .* cancelled: Client .* disconnected/);
  });

  test("what is not on the tour is not found", async () => {
    const url = await serving;
    for (const path of ["/programs/constructor", "/programs/hello", "/programs/producer-consumer/four", "/nowhere"]) {
      assert.equal((await fetch(url + path)).status, 404, path);
    }
  });
});

describe("the tour in Chromium", { skip: noChromium, concurrency: 4 }, () => {
  const starting = startChromium();
  after(async () => (await starting).close());

  for (const [href, promise] of Object.entries(promises)) {
    test(`the link to ${href} leads to what it promises`, async () => {
      const url = await serving;
      const page = await (await starting).newPage();
      await page.goto(url);
      await page.click(`a[href="${href}"]`);
      await page.waitForURL(url + href, { waitUntil: "commit" });
      // Some pages are large programs, and several are loaded at once.
      await page.locator("body").filter({ hasText: promise }).waitFor({ timeout: 90_000 });
      await page.close();
    });
  }

  for (const { folder, runs } of programs) {
    test(`a button runs ${folder}`, async () => {
      const url = await serving;
      const path = `/programs/${folder}/${runs[0]!.name}`;
      const page = await (await starting).newPage();
      await page.goto(`${url}/programs/${folder}`);
      await page.click(`button[value="${path}"]`);
      await page.locator("pre").filter({ hasText: curlPromises[path]! }).waitFor();
      await page.close();
    });
  }

  test("a button stops a program, and closing the tab kills it", async () => {
    const url = await serving;
    const page = await (await starting).newPage();
    await page.goto(`${url}/programs/producer-consumer`);
    await page.click('button[value$="/three"]');
    await page
      .locator("pre")
      .filter({ hasText: /Processed value 1 after/ })
      .waitFor();
    await page.click("#stop");
    await page
      .locator("pre")
      .filter({ hasText: /Stopped/ })
      .waitFor();
    await program.printed(/producer-consumer\/three 200 .* cancelled: Client .* disconnected/);

    await page.click('button[value$="/two"]');
    await page
      .locator("pre")
      .filter({ hasText: /Processed value 1 after/ })
      .waitFor();
    await page.close();
    await program.printed(/producer-consumer\/two 200 .* cancelled: Client .* disconnected/);
  });
});
