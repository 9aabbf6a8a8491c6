// An Express application as it is, with middlewares that most have, beside routes of Pottle; on sockets.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import compression from "compression";
import cors from "cors";
import express, { type Express, type NextFunction, type Request, type RequestHandler, type Response } from "express";
import session from "express-session";
import helmet from "helmet";
import morgan from "morgan";
import multer from "multer";
import passport from "passport";
import { Strategy } from "passport-local";
import { Event, sleep } from "../asyncio/index.ts";
import { type RunningServer, serve } from "../server/index.ts";
import { Pottle } from "../web/index.ts";
import { fromConnect, mountExpress, nodeRequest } from "./index.ts";

interface User {
  readonly name: string;
}

interface Old {
  readonly express: Express;
  /** What morgan has logged. */
  readonly log: string[];
  /** What was heard of a client that left. */
  readonly heard: string[];
  readonly begun: Event;
}

function makeOld(): Old {
  const log: string[] = [];
  const heard: string[] = [];
  const begun = new Event();
  const login = new passport.Passport();
  login.use(new Strategy((name, password, done) => done(null, password === "open sesame" ? { name } : false)) as never);
  login.serializeUser((user, done) => done(null, (user as User).name));
  login.deserializeUser((name, done) => done(null, { name }));
  const old = express();
  old.use(
    morgan(":method :url :status :res[content-length]", { stream: { write: (line) => void log.push(line.trim()) } }),
  );
  old.use(helmet());
  old.use(cors({ origin: "https://other.example" }));
  old.use(compression({ threshold: 2_000 }));
  old.use(express.json(), express.urlencoded({ extended: false }));
  old.use(session({ secret: "a secret", resave: false, saveUninitialized: false }));
  old.use(login.initialize(), login.session() as RequestHandler);
  old.get("/old", (req: Request, res: Response) => void res.json({ by: "Express", url: req.originalUrl }));
  old.post("/old/json", (req: Request, res: Response) => void res.status(201).json(req.body));
  old.get("/old/large", (_req: Request, res: Response) => void res.send("large ".repeat(2_000)));
  old.get("/old/file", (_req: Request, res: Response) => res.sendFile(import.meta.filename));
  old.post(
    "/old/login",
    login.authenticate("local") as RequestHandler,
    (req: Request, res: Response) => void res.json(req.user),
  );
  old.get("/old/me", (req: Request, res: Response) => void res.json({ user: req.user ?? null }));
  const upload = multer({ storage: multer.memoryStorage(), limits: { fileSize: 100_000 } });
  old.post("/old/upload", upload.single("photo"), (req: Request, res: Response) => {
    res.json({ name: req.file?.originalname, size: req.file?.size, title: (req.body as { title?: string }).title });
  });
  old.get("/old/fails", () => Promise.reject(Object.assign(new Error("told by Express"), { status: 409 })));
  old.get("/old/slow", (req: Request, res: Response) => {
    req.on("close", () => heard.push("request closed"));
    res.on("close", () => heard.push(`response closed, whole: ${res.writableFinished}`));
    begun.set();
    return sleep(60_000).finally(() => heard.push("finally"));
  });
  old.use((error: Error & { status?: number }, _req: Request, res: Response, next: NextFunction) => {
    if (res.headersSent) return next(error);
    res.status(error.status ?? 500).json({ error: error.message });
  });
  return { express: old, log, heard, begun };
}

async function serveOld(old: Old): Promise<RunningServer> {
  const app = new Pottle(import.meta);
  app.get("/new", () => ({ by: "Pottle" }));
  app.mount("/", mountExpress(old.express));
  return await serve(app, { port: 0 });
}

test("mountExpress() leaves to Express what has no route of Pottle", async () => {
  const old = makeOld();
  await using server = await serveOld(old);
  assert.deepEqual(await (await fetch(`${server.url}/new`)).json(), { by: "Pottle" });
  const response = await fetch(`${server.url}/old?x=1`, { headers: { Origin: "https://other.example" } });
  assert.deepEqual(await response.json(), { by: "Express", url: "/old?x=1" });
  assert.equal(response.headers.get("X-Content-Type-Options"), "nosniff");
  assert.equal(response.headers.get("Access-Control-Allow-Origin"), "https://other.example");
  assert.equal((await fetch(`${server.url}/neither`)).status, 404);
  assert.match(old.log.join(", "), /^GET \/old\?x=1 200 \d+, GET \/neither 404 \d+$/);
});

test("mountExpress() lets Express parse bodies, compress, and send files with ranges and dates", async () => {
  await using server = await serveOld(makeOld());
  const json = await fetch(`${server.url}/old/json`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ a: [1, 2] }),
  });
  assert.deepEqual([json.status, await json.json()], [201, { a: [1, 2] }]);
  const bad = await fetch(`${server.url}/old/json`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: "{",
  });
  assert.equal(bad.status, 400);
  const large = await fetch(`${server.url}/old/large`);
  assert.equal(large.headers.get("Content-Encoding") !== null, true);
  assert.equal(await large.text(), "large ".repeat(2_000));
  const part = await fetch(`${server.url}/old/file`, { headers: { Range: "bytes=3-13" } });
  assert.deepEqual([part.status, await part.text()], [206, "An Express "]);
});

test("mountExpress() keeps sessions and logins of passport", async () => {
  await using server = await serveOld(makeOld());
  const login = (password: string): Promise<globalThis.Response> =>
    fetch(`${server.url}/old/login`, { method: "POST", body: new URLSearchParams({ username: "ada", password }) });
  assert.equal((await login("guessed")).status, 401);
  const response = await login("open sesame");
  assert.deepEqual(await response.json(), { name: "ada" });
  const cookie = response.headers.get("Set-Cookie")!.split(";")[0]!;
  const me = await fetch(`${server.url}/old/me`, { headers: { Cookie: cookie } });
  assert.deepEqual(await me.json(), { user: { name: "ada" } });
  assert.deepEqual(await (await fetch(`${server.url}/old/me`)).json(), { user: null });
});

test("mountExpress() takes uploads by multer, with its limits", async () => {
  await using server = await serveOld(makeOld());
  const upload = (size: number): Promise<globalThis.Response> => {
    const form = new FormData();
    form.set("title", "a photo");
    form.set("photo", new Blob([new Uint8Array(size)]), "p.jpg");
    return fetch(`${server.url}/old/upload`, { method: "POST", body: form });
  };
  assert.deepEqual(await (await upload(90_000)).json(), { name: "p.jpg", size: 90_000, title: "a photo" });
  const tooLarge = await upload(110_000);
  assert.deepEqual([tooLarge.status, await tooLarge.json()], [500, { error: "File too large" }]);
});

test("mountExpress() lets Express answer errors by its own middlewares", async () => {
  await using server = await serveOld(makeOld());
  const response = await fetch(`${server.url}/old/fails`);
  assert.deepEqual([response.status, await response.json()], [409, { error: "told by Express" }]);
});

test("mountExpress() lets both see a client that leaves", async () => {
  const old = makeOld();
  await using server = await serveOld(old);
  const { host, port } = server.address;
  const socket = connect({ host, port });
  await once(socket, "connect");
  socket.write("GET /old/slow HTTP/1.1\r\nHost: a\r\n\r\n");
  await old.begun.wait();
  socket.destroy();
  while (old.heard.length < 3) await sleep(1);
  assert.deepEqual(old.heard.sort(), ["finally", "request closed", "response closed, whole: false"]);
  while (server.statistics().requests > 0) await sleep(1);
});

test("fromConnect() puts the middlewares of Express around routes of Pottle", async () => {
  const app = new Pottle(import.meta);
  const log: string[] = [];
  app.use(
    fromConnect([
      morgan(":method :url :status", { stream: { write: (line) => void log.push(line.trim()) } }),
      helmet(),
      session({ secret: "a secret", resave: false, saveUninitialized: false }),
      compression({ threshold: 0 }),
    ]),
  );
  app.get("/count", () => {
    const { session: kept } = nodeRequest<{ session: { count?: number } }>();
    kept.count = (kept.count ?? 0) + 1;
    return { count: kept.count };
  });
  await using server = await serve(app, { port: 0 });
  const first = await fetch(`${server.url}/count`);
  const cookie = first.headers.get("Set-Cookie")!.split(";")[0]!;
  assert.deepEqual(await first.json(), { count: 1 });
  const second = await fetch(`${server.url}/count`, { headers: { Cookie: cookie } });
  assert.deepEqual(await second.json(), { count: 2 });
  assert.equal(second.headers.get("X-Content-Type-Options"), "nosniff");
  assert.deepEqual(log, ["GET /count 200", "GET /count 200"]);
});
