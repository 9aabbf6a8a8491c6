import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import { pottle, Program } from "../_program.ts";
import { noChromium, startChromium } from "../tour/_chromium.ts";
import type { Activity, Progress } from "./uploads.ts";

const timeout = 60_000;
const megabyte = 1_000_000;
const noProc = existsSync("/proc/self/status") ? false : "skipped: no /proc, where the memory of a process is found";

const folder = mkdtempSync(join(tmpdir(), "pottle-upload-"));
const uploads = join(folder, "uploads");
const program = new Program({ after }, [pottle, "run", join(import.meta.dirname, "app.ts"), "--port", "0"], {
  env: { UPLOADS: uploads },
});
after(() => rmSync(folder, { recursive: true, force: true }));
const [url] = await program.printed(/http:\/\/[\w.:]+/);

async function put(name: string, body: NonNullable<RequestInit["body"]>, init: RequestInit = {}): Promise<Response> {
  return fetch(`${url}/files/${encodeURIComponent(name)}`, { method: "PUT", body, duplex: "half", ...init });
}

/** Waits until the events of another client say what is wanted. */
async function untilProgress(isWanted: (uploads: readonly Progress[]) => boolean): Promise<void> {
  const { body } = await fetch(`${url}/progress`, { signal: AbortSignal.timeout(30_000) });
  let text = "";
  for await (const piece of body!.pipeThrough(new TextDecoderStream())) {
    text += piece;
    const events = text.split("\n\n");
    text = events.pop() ?? "";
    for (const event of events) {
      const [, data] = /^data: (.*)$/m.exec(event) ?? [];
      if (data !== undefined && isWanted((JSON.parse(data) as Activity).running)) return;
    }
  }
}

function unfinished(): string[] {
  return readdirSync(join(uploads, ".parts"));
}

describe("the uploads", () => {
  test("a file is stored, listed, downloaded whole and in parts, and removed", { timeout }, async () => {
    const bytes = randomBytes(3 * megabyte);
    const response = await put("a <b>.bin", bytes);
    assert.equal(response.status, 201);
    assert.equal(response.headers.get("location"), "/files/a%20_b_.bin");
    const files = (await (await fetch(`${url}/files`)).json()) as { name: string }[];
    assert.deepEqual(
      files.find(({ name }) => name === "a _b_.bin"),
      { name: "a _b_.bin", size: bytes.length },
    );
    const address = url + response.headers.get("location")!;
    const whole = await fetch(address);
    assert.match(whole.headers.get("content-disposition") ?? "", /^attachment/);
    assert.ok(bytes.equals(await whole.bytes()));
    const part = await fetch(address, { headers: { Range: "bytes=1000000-" } });
    assert.equal(part.status, 206);
    assert.ok(bytes.subarray(megabyte).equals(await part.bytes()));
    assert.equal((await fetch(address, { method: "DELETE" })).status, 204);
    assert.equal((await fetch(address, { method: "DELETE" })).status, 404);
    assert.equal((await fetch(address)).status, 404);
  });

  test("a cancelled upload is seen by others while it lasts, and nothing of it is left", { timeout }, async () => {
    const cancel = new AbortController();
    const endless = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new Uint8Array(megabyte)),
    });
    const refused = assert.rejects(put("cancelled", endless, { signal: cancel.signal }), { name: "AbortError" });
    const sees = ({ name, received, size }: Progress): boolean =>
      name === "cancelled" && received === megabyte && size === null;
    await untilProgress((running) => running.some(sees));
    assert.equal(unfinished().length, 1);
    cancel.abort();
    await refused;
    await untilProgress((running) => running.length === 0);
    assert.deepEqual(unfinished(), []);
    assert.ok(!existsSync(join(uploads, "cancelled")));
    await program.printed(/PUT \/files\/cancelled - .* cancelled: Client .* disconnected/);
  });

  test("a file is not replaced before the new one is complete", { timeout }, async () => {
    await put("kept", "the old one");
    const cancel = new AbortController();
    const half = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new Uint8Array(megabyte)),
    });
    const refused = assert.rejects(put("kept", half, { signal: cancel.signal }), { name: "AbortError" });
    await untilProgress((running) => running.some(({ received }) => received === megabyte));
    assert.equal(await (await fetch(`${url}/files/kept`)).text(), "the old one");
    cancel.abort();
    await refused;
    await untilProgress((running) => running.length === 0);
    assert.equal(await (await fetch(`${url}/files/kept`)).text(), "the old one");
    await put("kept", "the new one");
    assert.equal(await (await fetch(`${url}/files/kept`)).text(), "the new one");
  });

  test("names do not lead out of the folder", { timeout }, async () => {
    for (const name of ["../../escaped", "..", ".parts", "a/b"]) {
      const { status } = await put(name, "x");
      assert.ok([201, 404, 405].includes(status), `${name}: ${status}`);
    }
    assert.deepEqual(readdirSync(folder), ["uploads"]);
    for (const name of ["..%2f..%2fetc%2fpasswd", ".parts", "%00"]) {
      assert.equal((await fetch(`${url}/files/${name}`)).status, 404, name);
      assert.equal((await fetch(`${url}/files/${name}`, { method: "DELETE" })).status, 404, name);
    }
    assert.ok(statSync(join(uploads, ".parts")).isDirectory());
  });

  test("a body that is announced as too large is refused before it is sent", { timeout }, async () => {
    const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
    const headers = { "Content-Length": 2 ** 30 + 1 };
    const call = request(`${url}/files/huge`, { method: "PUT", headers });
    call.on("response", (response) => resolve(response.resume().statusCode)).on("error", reject);
    call.flushHeaders();
    assert.equal(await promise, 413);
    call.destroy();
    await untilProgress((running) => running.length === 0);
    assert.deepEqual(unfinished(), []);
  });

  test("128 MB are stored in little memory", { timeout, skip: noProc }, async (context) => {
    const memory = (line: string): number => {
      const [, kilobytes] = new RegExp(`${line}:\\s+(\\d+)`).exec(readFileSync(`/proc/${program.pid}/status`, "utf8"))!;
      return Number(kilobytes) * 1_024;
    };
    await put("warm up", new Uint8Array(8 * megabyte));
    const before = memory("VmHWM");
    const sent = createHash("sha256");
    let count = 0;
    const pieces = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        if (count++ === 128) return controller.close();
        const piece = randomBytes(megabyte);
        sent.update(piece);
        controller.enqueue(piece);
      },
    });
    assert.equal((await put("large", pieces)).status, 201);
    const growth = memory("VmHWM") - before;
    context.diagnostic(`the process grew by ${(growth / megabyte).toFixed(1)} MB`);
    // Buffers that wait for the garbage collector are in it, more of them on a busy machine.
    assert.ok(growth < 90 * megabyte, `${growth} bytes`);
    const stored = createHash("sha256").update(readFileSync(join(uploads, "large")));
    assert.equal(stored.digest("hex"), sent.digest("hex"));
  });
});

describe("the uploads in Chromium", { skip: noChromium }, () => {
  test("one tab uploads and cancels, and another sees it", { timeout }, async () => {
    await using browser: Browser = await startChromium();
    const [page, other] = [await browser.newPage(), await browser.newPage()];
    for (const each of [page, other]) await each.goto(url);
    const file = join(folder, "a <i>film.bin");
    writeFileSync(file, new Uint8Array(20 * megabyte));
    const network = await page.context().newCDPSession(page);
    const slow = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: megabyte };
    await network.send("Network.emulateNetworkConditions", slow);
    await page.setInputFiles("input", file);
    await page.click("button >> nth=0");
    await page.waitForFunction(`document.querySelector("progress").value > 1e6`);
    await other.locator("#running li", { hasText: /a _i_film\.bin: [1-9].* of 20\.0 MB/ }).waitFor();
    await page.click("#cancel");
    await page.getByText("Cancelled: nothing of it is left.").waitFor();
    await other.waitForFunction(`document.querySelector("#running").children.length === 0`);
    assert.deepEqual(unfinished(), []);

    await network.send("Network.emulateNetworkConditions", { ...slow, uploadThroughput: -1 });
    await page.click("button >> nth=0");
    await page.getByText("a <i>film.bin is there.").waitFor();
    const item = other.locator("#files li", { hasText: "a _i_film.bin 20.0 MB" });
    await item.waitFor();
    const downloading = other.waitForEvent("download");
    await item.getByRole("link").click();
    assert.equal(statSync(await (await downloading).path()).size, 20 * megabyte);
    await item.getByRole("button").click();
    await page.locator("#files li", { hasText: "a _i_film.bin" }).waitFor({ state: "detached" });
    // Too quick to be seen on its way.
    await put("quick", "x");
    await other.locator("#files li", { hasText: "quick 1 B" }).waitFor();
  });
});
