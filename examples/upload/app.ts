// Uploads of any size, in little memory, that can be watched and cancelled.    run it:  npx pottle run app.ts
import { join } from "node:path";
import {
  abort,
  type Html,
  type HttpResponse,
  makeResponse,
  Pottle,
  safeFilename,
  sendFromDirectory,
  sse,
} from "pottle";
import { uploadPage } from "./page.ts";
import { type Activity, Uploads } from "./uploads.ts";

const app: Pottle = new Pottle(import.meta);
const folder = process.env["UPLOADS"] ?? join(import.meta.dirname, "uploads");
const uploads = new Uploads(folder);
app.onStart(() => uploads.open());
app.onStop(() => uploads.close());

/** 1 GiB, which may take as long as it does: the server cuts clients off that send next to nothing. */
const limits = { maxContentLength: 2 ** 30, timeout: Infinity };

app.get("/", (): Html => uploadPage());

app.get("/files", () => uploads.list());

// A body is read as it comes, and no faster than the disk takes it. A page of another site cannot send PUT or DELETE.
app.put("/files/<name>", limits, async ({ name }, request) => {
  const kept = safeFilename(name);
  const size = await uploads.receive(kept, request.body, Number(request.headers.get("Content-Length") ?? Number.NaN));
  return makeResponse({ name: kept, size }, 201, { Location: app.urlFor("download", { name: kept }) });
});

// With ranges, so that a download that was interrupted goes on. What was uploaded is never shown as a page of this site.
app.get("/files/<name>", { name: "download" }, ({ name }) => sendFromDirectory(folder, name, { asAttachment: true }));

app.delete("/files/<name>", async ({ name }) => {
  if (!(await uploads.remove(name))) abort(404, `There is no file ${name}.`);
  return makeResponse("", 204);
});

app.get("/progress", (): HttpResponse => sse((): AsyncIterable<Activity> => uploads.watch()));

export default app;
