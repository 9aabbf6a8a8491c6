import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import fc from "fast-check";
import { parseDocument } from "htmlparser2";
import type { Element, Text } from "domhandler";
// By another name, so that no formatter of HTML changes the templates.
import { html as markup, type HtmlValue, isHtml, raw } from "./html.ts";
import { sleep } from "../../asyncio/index.ts";
import { Pottle } from "../app/pottle.ts";
import { makeResponse } from "../message/from-result.ts";

test("html escapes text, and not HTML", () => {
  const name = `<script>"&'`;
  assert.equal(String(markup`<p>${name}</p>`), "<p>&#60;script&#62;&#34;&#38;&#39;</p>");
  assert.equal(String(markup`<p>${markup`<b>${"<"}</b>`}${raw("<i>")}</p>`), "<p><b>&#60;</b><i></p>");
});

test("html joins the items of iterables, also nested ones", () => {
  const items = new Map([
    ["a", 1],
    ["<b>", 2],
  ]);
  const rows = items.entries().map(([key, value]) => markup`<li>${key}: ${value}</li>`);
  assert.equal(String(markup`<ul>${rows}</ul>`), "<ul><li>a: 1</li><li>&#60;b&#62;: 2</li></ul>");
  assert.equal(String(markup`${["<", [1, [markup`<br>`]], null]}`), "&#60;1<br>");
});

const shown: readonly (readonly [HtmlValue, string])[] = [
  [undefined, ""],
  [null, ""],
  [false, ""],
  ["", ""],
  [0, "0"],
  [-1.5, "-1.5"],
  [10n, "10"],
  [[], ""],
];
for (const [value, text] of shown) {
  test(`html shows ${inspect(value)} as ${JSON.stringify(text)}`, () => {
    assert.equal(String(markup`${value}`), text);
  });
}

const refused: readonly (readonly [unknown, RegExp])[] = [
  [true, /after "<p>" as it must be text, .*: current value is true$/],
  [{ toString: () => "<b>" }, /current value is an Object$/],
  [() => "x", /current value is function$/],
  [Symbol("x"), /current value is Symbol\(x\)$/],
];
for (const [value, message] of refused) {
  test(`html refuses ${typeof value} ${Object.prototype.toString.call(value)}`, () => {
    assert.throws(() => markup`<p>${value as string}</p>`, { name: "TypeError", message });
  });
}

test("html takes what looks like Html, but was parsed from JSON, for no HTML", () => {
  const forged = JSON.parse(JSON.stringify({ html: "<b>", "Symbol(pottle.html)": true })) as string;
  assert.equal(isHtml(forged), false);
  assert.throws(() => markup`${forged}`, TypeError);
});

// A `§` stands for the hole.
const places: readonly (readonly [template: string, takesText: boolean])[] = [
  ["§", true],
  ["<p>§</p>", true],
  ["1 < 2 §", true],
  ["<p title='a>b'>§", true],
  ["<br/>§", true],
  ['<p title = "§">', true],
  ["<p title='§'>", true],
  ["<p title='a \" §'>", true],
  ["<textarea><b title=§</textarea>", true],
  ["<title><!-- §</title>", true],
  ["<script>if (a</b) {}</script>§", true],
  ["<STYLE></Style>§", true],
  ["<!doctype html>§", true],
  ["<!-- <p title=-->§", true],
  ["<p title=a>§", true],
  ["<p title=>§", true],
  ["<script-like>§", true],
  ["<script><!-- <script></script></script>§", true],
  ["<script><!--><script></script>§", true],
  ["<script><!-- <script></script>§", false],
  ["<script><!-- <script> --></script>§", true],
  ["<script></scripts>§", false],
  ["<style></style-x>§", false],
  ["<script></script§>", false],
  ["§ < §", true],
  ["<p §>", false],
  ["<p title=§>", false],
  ["<p title= §>", false],
  ["<p title=a§>", false],
  ["<p title=a b §>", false],
  ["<§>", false],
  ["</§>", false],
  ["<h§>", false],
  ["<p title='a'§>", false],
  ["<script>§</script>", false],
  ["<script>'§'</script>", false],
  ["<script src='a>b'>§", false],
  ["<SCRIPT>§</SCRIPT>", false],
  ["<style>p { color: §", false],
  ["<iframe>§", false],
  ["<!-- § -->", false],
  ["<!§>", false],
  ["<p title=§ lang='a'>", false],
  ["<p onclick='' title='§'>", true],
  ["<p title='onclick=' lang='§'>", true],
  ["<p one='§'>", false],
  ["<p onclick='§'>", false],
  ["<p onclick='a' ONCLICK = \"f('§')\">", false],
  ["<p title='a'/onclick='§'>", false],
  ["<p style='color: §'>", false],
  ["<iframe srcdoc='§'>", false],
];
for (const [template, takesText] of places) {
  test(`html ${takesText ? "takes" : "refuses"} text, and takes numbers and HTML, in ${template}`, () => {
    const pieces = template.split("§");
    const strings = Object.assign(pieces, { raw: pieces }) as unknown as TemplateStringsArray;
    const fill = (value: HtmlValue): string => String(markup(strings, ...pieces.slice(1).map(() => value)));
    if (takesText) assert.equal(fill("x"), pieces.join("x"));
    else
      assert.throws(() => fill("x"), { name: "TypeError", message: /Cannot put text after .*: current value is "x"$/ });
    assert.equal(fill(7), pieces.join("7"));
    assert.equal(fill(raw("x")), pieces.join("x"));
  });
}

test("html follows the state of an attribute over several holes", () => {
  assert.equal(String(markup`<a href="/${"a"}/${"b"}">${"c"}</a>`), '<a href="/a/b">c</a>');
  assert.throws(() => markup`<a href=/${1}/${"b"}>`, TypeError);
  assert.throws(() => markup`<a href=${1} ${"b"}>`, TypeError);
  // No quoted attribute begins in the middle of one without quotes.
  assert.throws(() => markup`<a href=${1}"${"b"}">`, TypeError);
});

test("html keeps the quotes of HTML from ending an attribute", () => {
  assert.equal(String(markup`<p title="${markup`<b id="x">&#38;</b>`}">`), '<p title="<b id=&#34;x&#34;>&#38;</b>">');
});

test("html says why text cannot stand in an attribute that is code", () => {
  assert.throws(() => markup`<p onclick="say('${"x"}')">`, {
    message:
      'Cannot put text after "<p onclick=\\"say(\'" as its attribute is code, which escaping does not make safe: current value is "x"',
  });
});

test("html escapes HTML for an attribute that is a document of its own", () => {
  const page = markup`<p title="a">${"<script>"}</p>`;
  const frame = parseDocument(String(markup`<iframe srcdoc="${page}"></iframe>`)).children[0] as Element;
  assert.equal(frame.attribs["srcdoc"], String(page));
  assert.equal(String(markup`<p style="${raw(`font: "A"`)}">`), '<p style="font: &#34;A&#34;">');
});

test("html refuses to be called without a template", () => {
  assert.throws(() => markup(["<b>"] as unknown as TemplateStringsArray), /use raw\(\) for text that is HTML$/);
  assert.throws(() => markup("<b>" as unknown as TemplateStringsArray), TypeError);
});

test("raw() refuses what is no string", () => {
  assert.throws(() => raw(undefined as unknown as string), {
    name: "TypeError",
    message: /current value is undefined$/,
  });
});

test("html is read back by a parser as the text that was put in", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string(), (text, title) => {
      const page = parseDocument(String(markup`<p title="${title}" lang='${title}'>${text}</p><i></i>`));
      const [paragraph, end] = page.children as [Element, Element];
      assert.equal(page.children.length, 2);
      assert.deepEqual(paragraph.attribs, { title, lang: title });
      assert.equal((paragraph.children as Text[]).map((child) => child.data).join(""), text);
      assert.equal(end.name, "i");
    }),
  );
});

test("html is sent as HTML by a view, by makeResponse() and in JSON", async () => {
  const app = new Pottle();
  app.get("/", () => markup`<p>${"<"}</p>`);
  app.get("/made", () => makeResponse(markup`<p></p>`, 201));
  app.get("/json", () => ({ body: markup`<p>` }));
  const client = app.testClient();
  const response = await client.get("/");
  assert.equal(response.headers.get("content-type"), "text/html; charset=utf-8");
  assert.equal(response.text(), "<p>&#60;</p>");
  assert.equal((await client.get("/made")).text(), "<p></p>");
  assert.deepEqual((await client.get("/json")).json(), { body: "<p>" });
});

test("html may be a piece of a stream, which is closed when its client leaves", async () => {
  let isClosed = false;
  const app = new Pottle();
  app.get("/", async function* () {
    yield markup`<p>${"<"}</p>`;
    yield "<br>";
    yield new Uint8Array([65]);
  });
  app.get("/endless", async function* () {
    try {
      for (;;) yield markup`<p>`;
    } finally {
      isClosed = true;
    }
  });
  assert.equal((await app.testClient().get("/")).text(), "<p>&#60;</p><br>A");
  const call = app.testClient().open("GET", "/endless");
  await call.head();
  assert.equal(Buffer.from((await call.read())!).toString(), "<p>");
  call.disconnect();
  await call.over();
  assert.equal(isClosed, true);
});

const running = [
  "javascript:alert(1)",
  "JavaScript:alert(1)",
  " \x01javascript:alert(1)",
  "java\tscr\nipt:alert(1)",
  "javascript\r\n:alert(1)",
  "vbscript:msgbox(1)",
  "data:text/html,<script>alert(1)</script>",
  "data: text/HTML;base64,PHNjcmlwdD4=",
  "data:image/svg+xml,<svg onload=alert(1)>",
  "data:application/xhtml+xml,x",
];
for (const url of running) {
  test(`html refuses the address ${JSON.stringify(url)} where it would run`, async () => {
    const message = /^Cannot put an address into HTML as it would run code there: current value is /;
    for (const attribute of ["href", "src", "action", "formaction", "xlink:href", "HREF", "data"]) {
      const pieces = [`<x ${attribute}="`, '">'];
      const strings = Object.assign(pieces, { raw: pieces }) as unknown as TemplateStringsArray;
      assert.throws(() => markup(strings, url), { name: "TypeError", message });
      assert.throws(() => markup(strings, markup`${url}`), TypeError);
      assert.throws(() => markup(strings, Array.from(url)), TypeError);
      await assert.rejects(Array.fromAsync(markup(strings, Promise.resolve(url))), { name: "TypeError", message });
    }
    assert.equal(String(markup`<x title="${url}">`), `<x title="${String(markup`${url}`)}">`);
  });
}

test("html refuses an address that only its parts together make", async () => {
  assert.throws(() => markup`<a href="${"java"}${"script:alert(1)"}">`, TypeError);
  assert.throws(() => markup`<a href="java${"script:alert(1)"}">`, TypeError);
  assert.throws(() => markup`<a href="${"javascript"}:alert(1)">`, TypeError);
  assert.throws(() => markup`<a href="java&#115;cript&colon;${"alert(1)"}">`, TypeError);
  assert.throws(() => markup`<a href="javascript:f('${"x"}')">`, TypeError);
  assert.throws(() => markup`<a href="data:text/${"ht"}ml,x">`, TypeError);
  assert.throws(() => markup`<a href="${raw("java&Tab;script:alert(1)")}">`, TypeError);
  await assert.rejects(Array.fromAsync(markup`<a href="${sleep(1, "java")}${sleep(1, "script:f()")}">`), TypeError);
});

test("html takes addresses that run nothing, and numbers in the template's own code", () => {
  const urls = [
    "/a?b=1&c=2",
    "https://example.com/javascript:x",
    "mailto:a@b.c",
    "data:image/png;base64,AA",
    "",
    "#x",
    "x&#58;",
    "./javascript:x",
  ];
  for (const url of urls) {
    const link = parseDocument(String(markup`<a href="${url}">`)).children[0] as Element;
    assert.equal(link.attribs["href"], url);
  }
  assert.equal(String(markup`<a href="javascript:f(${7})">`), '<a href="javascript:f(7)">');
  assert.equal(String(markup`<a title="javascript:" href="${"/a"}">`), '<a title="javascript:" href="/a">');
});

test("html never makes an address that a browser takes for code", () => {
  const part = fc.oneof(
    fc.constantFrom(
      "java",
      "script",
      ":",
      "javascript:",
      "\t",
      "\n",
      " ",
      "\0",
      "\x01",
      "&#58;",
      "&colon;",
      "JAVA",
      "vbscript:",
      "data:",
      "text/html",
      ",",
    ),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(part), fc.array(part), (first, second) => {
      let text = "";
      try {
        text = String(markup`<a href="${first.join("")}${second.join("")}">`);
      } catch (error) {
        assert.match(String(error), /would run code/);
        return;
      }
      const { href = "" } = (parseDocument(text).children[0] as Element).attribs;
      const parsed = URL.parse(href, "https://example.com/");
      assert.ok(!["javascript:", "vbscript:"].includes(parsed?.protocol ?? ""), href);
    }),
    { numRuns: 2_000 },
  );
});

test("html makes a stream of promises and async iterables, which sends what is before them", async () => {
  async function* rows(): AsyncGenerator<HtmlValue> {
    yield markup`<li>${"<"}</li>`;
    yield ["a", 1];
  }
  const stream = markup`<h1>${sleep(1, "<T>")}</h1>${"&"}<ul>${rows()}</ul>${[sleep(1, "x"), [Promise.resolve("y")]]}!`;
  const pieces = await Array.fromAsync(stream, String);
  assert.deepEqual(pieces, ["<h1>", "&#60;T&#62;</h1>&#38;<ul>", "<li>&#60;</li>", "a1", "</ul>", "x", "y!"]);
  const outer = markup`<p>${markup`<b>${Promise.resolve("x")}</b>`}</p>`;
  assert.equal((await Array.fromAsync(outer, String)).join(""), "<p><b>x</b></p>");
});

test("html throws the error of a promise when its turn comes, and not before", async () => {
  const stream = markup`<p>${sleep(5, "first")}${Promise.reject(new Error("late"))}</p>`;
  const pieces: string[] = [];
  await assert.rejects(
    async () => {
      for await (const piece of stream) pieces.push(String(piece));
    },
    { message: "late" },
  );
  assert.deepEqual(pieces, ["<p>", "first"]);
});

test("html refuses text where it is not safe, even if it comes late", async () => {
  await assert.rejects(Array.fromAsync(markup`<p onclick="${sleep(1, "x")}">`), { name: "TypeError" });
  const late = sleep(1, { a: 1 }) as unknown as Promise<string>;
  await assert.rejects(Array.fromAsync(markup`<p>${late}</p>`), { name: "TypeError" });
});

test("html stops a stream when its client leaves, and closes what it reads", async () => {
  let isClosed = false;
  async function* rows(): AsyncGenerator<HtmlValue> {
    try {
      for (let i = 0; ; i++) yield await sleep(0, i);
    } finally {
      isClosed = true;
    }
  }
  const app = new Pottle();
  app.get("/", () => markup`<p>${rows()}</p>`);
  const call = app.testClient().open("GET", "/");
  await call.head();
  assert.equal(Buffer.from((await call.read())!).toString(), "<p>");
  call.disconnect();
  await call.over();
  assert.equal(isClosed, true);
});
