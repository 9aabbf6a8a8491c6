import assert from "node:assert/strict";
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Pottle } from "../app/pottle.ts";

const site = mkdtempSync(join(tmpdir(), "pottle-conditions-"));
after(() => rmSync(site, { recursive: true }));
const app = new Pottle();
app.static("/files", site);

/** A file of a known date, ten bytes long. */
const dated = join(site, "dated.txt");
writeFileSync(dated, "0123456789");
utimesSync(dated, 784_111_777.5, 784_111_777.5);
const [sixth, before, after6th] = [
  "Sun, 06 Nov 1994 08:49:37 GMT",
  "Sun, 06 Nov 1994 08:49:36 GMT",
  "Sun, 06 Nov 1994 08:49:38 GMT",
];
const weakTag = 'W/"a-b690b436dc"';

const conditions: readonly (readonly [headers: Record<string, string>, status: number])[] = [
  [{ "If-Match": "*" }, 200],
  [{ "If-Match": weakTag }, 412],
  [{ "If-Match": weakTag.slice(2) }, 412],
  [{ "If-Match": "" }, 412],
  [{ "If-Match": "*", "If-Unmodified-Since": before }, 200],
  [{ "If-Unmodified-Since": before }, 412],
  [{ "If-Unmodified-Since": sixth }, 200],
  [{ "If-Unmodified-Since": "1994" }, 200],
  [{ "If-None-Match": "*" }, 304],
  [{ "If-None-Match": weakTag }, 304],
  [{ "If-None-Match": weakTag.slice(2) }, 304],
  [{ "If-None-Match": `W/"x, y", ,${weakTag}` }, 304],
  [{ "If-None-Match": `"x,${weakTag.slice(3, -1)}"` }, 200],
  [{ "If-None-Match": weakTag.slice(3, -1) }, 200],
  [{ "If-None-Match": weakTag, "Cache-Control": "no-cache" }, 304],
  [{ "If-None-Match": '"x"', "If-Modified-Since": after6th }, 200],
  [{ "If-None-Match": weakTag, "If-Modified-Since": before }, 304],
  [{ "If-None-Match": weakTag, "If-Match": '"x"' }, 412],
  [{ "If-Modified-Since": sixth }, 304],
  [{ "If-Modified-Since": after6th }, 304],
  [{ "If-Modified-Since": before }, 200],
  [{ "If-Modified-Since": "Sunday, 06-Nov-94 08:49:37 GMT" }, 304],
  [{ "If-Modified-Since": "Sun Nov  6 08:49:37 1994" }, 304],
  [{ "If-Modified-Since": "2030-01-01" }, 200],
  [{ "If-Modified-Since": "Sun, 31 Feb 2027 08:49:37 GMT" }, 200],
  [{ "If-Modified-Since": `${after6th}, ${after6th}` }, 200],
  [{ "If-Modified-Since": "" }, 200],
  [{ Range: "bytes=0-3", "If-Range": weakTag }, 200],
  [{ Range: "bytes=0-3", "If-Range": weakTag.slice(2) }, 200],
  [{ Range: "bytes=0-3", "If-Range": sixth }, 206],
  [{ Range: "bytes=0-3", "If-Range": "Sun Nov  6 08:49:37 1994" }, 206],
  [{ Range: "bytes=0-3", "If-Range": before }, 200],
  [{ Range: "bytes=0-3", "If-Range": after6th }, 200],
  [{ Range: "bytes=0-3", "If-Range": "nonsense" }, 200],
  [{ Range: "bytes=20-", "If-Range": before }, 200],
  [{ Range: "bytes=20-", "If-None-Match": weakTag }, 304],
  [{ "If-Range": sixth }, 200],
];
for (const [headers, status] of conditions) {
  test(`app.static() answers ${JSON.stringify(headers)} with ${status}`, async () => {
    const response = await app.testClient().get("/files/dated.txt", { headers });
    assert.equal(response.status, status);
    assert.equal(response.headers.has("content-range"), status === 206);
  });
}
