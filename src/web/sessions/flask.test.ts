import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { Pottle } from "../app/pottle.ts";
import { raw } from "../html/html.ts";
import { Browser } from "./browser.fixture.ts";
import { flaskApp } from "./flask-app.fixture.ts";
import { flash, getFlashedMessages } from "./flash.ts";
import { session, sessions } from "./sessions.ts";
import { decodeTagged, encodeTagged } from "./tagged-json.ts";
import { Uuid } from "./uuid.ts";

// Debian's own Python, which the package python3-flask is for.
const python = "/usr/bin/python3";
const skip = spawnSync(python, ["-c", "import flask"]).status === 0 ? false : "python3-flask is not installed";

interface FlaskResponse {
  readonly cookie: string;
  readonly body: string;
}

const values = {
  tuple: Object.freeze([1, "zwei", [3]]),
  bytes: new Uint8Array([0, 255]),
  markup: raw("<b>fett</b>"),
  uuid: new Uuid("12345678123456781234567812345678"),
  date: new Date(Date.UTC(2023, 10, 14, 22, 13, 20)),
  dict: { " t": { "é🔑": 1 } },
  big: 2n ** 64n,
};

function createApp(): Pottle {
  const app = new Pottle();
  sessions(app, { secretKey: "shared secret", digest: "sha1" });
  app.get("/write", () => {
    for (const [key, value] of Object.entries(values)) session().set(key, value);
    flash("from Pottle", "info");
    return "x";
  });
  app.get("/read", () => ({ text: encodeTagged(Object.fromEntries(session())), permanent: session().permanent }));
  app.get("/flashes", () => ({ messages: getFlashedMessages({ withCategories: true }) }));
  return app;
}

describe("sessions() beside Flask", { skip, timeout: 60_000 }, () => {
  let child: ChildProcess;
  let answers: AsyncIterator<string>;

  before(() => {
    child = spawn(python, ["-c", flaskApp], { stdio: ["pipe", "pipe", "inherit"] });
    answers = createInterface(child.stdout!)[Symbol.asyncIterator]();
  });
  after(() => child.kill());

  async function flask(path: string, cookie = ""): Promise<FlaskResponse> {
    child.stdin!.write(`${JSON.stringify({ path, cookie })}\n`);
    return JSON.parse((await answers.next()).value as string) as FlaskResponse;
  }

  test("sessions() reads what Flask has written, of every type", async () => {
    const browser = new Browser(createApp());
    browser.cookies.set("session", (await flask("/write")).cookie);
    const { text, permanent } = (await browser.get("/read")).json<{ text: string; permanent: boolean }>();
    assert.equal(permanent, true);
    const { _flashes, _permanent, ...read } = decodeTagged(text) as Record<string, unknown>;
    assert.equal(_permanent, true);
    assert.equal(encodeTagged(read), encodeTagged(values));
    assert.deepEqual((await browser.get("/flashes")).json(), { messages: [["info", "from Flask"]] });
  });

  test("Flask reads what sessions() has written, of every type", async () => {
    const browser = new Browser(createApp());
    await browser.get("/write");
    const { body } = await flask("/read", browser.cookies.get("session"));
    assert.deepEqual(JSON.parse(body), {
      tuple: "(1, 'zwei', [3])",
      bytes: "b'\\x00\\xff'",
      markup: "Markup('<b>fett</b>')",
      uuid: "UUID('12345678-1234-5678-1234-567812345678')",
      date: "datetime.datetime(2023, 11, 14, 22, 13, 20, tzinfo=datetime.timezone.utc)",
      dict: "{' t': {'é🔑': 1}}",
      big: "18446744073709551616",
      _flashes: "[('info', 'from Pottle')]",
    });
  });

  test("sessions() writes the text that Flask writes, to the byte", async () => {
    const browser = new Browser(createApp());
    await browser.get("/write");
    const { body } = await flask("/same", browser.cookies.get("session"));
    const text = (await browser.get("/read")).json<{ text: string }>().text;
    assert.deepEqual(JSON.parse(body), { text, class: "SecureCookieSession" });
  });

  test("Flask takes the messages that flash() has left, and sessions() sees that they are gone", async () => {
    const browser = new Browser(createApp());
    await browser.get("/write");
    const { body, cookie } = await flask("/flashes", browser.cookies.get("session"));
    assert.deepEqual(JSON.parse(body), { messages: [["info", "from Pottle"]] });
    browser.cookies.set("session", cookie);
    assert.deepEqual((await browser.get("/flashes")).json(), { messages: [] });
  });

  test("Flask does not trust a session that another key has signed, and sessions() does not trust its", async () => {
    const app = new Pottle();
    sessions(app, { secretKey: "another secret", digest: "sha1" });
    app.get("/write", () => {
      session().set("user", 1);
      return "x";
    });
    app.get("/read", () => ({ size: session().size }));
    const browser = new Browser(app);
    await browser.get("/write");
    assert.equal((await flask("/read", browser.cookies.get("session"))).body.trim(), "{}");
    browser.cookies.set("session", (await flask("/write")).cookie);
    assert.deepEqual((await browser.get("/read")).json(), { size: 0 });
  });
});
