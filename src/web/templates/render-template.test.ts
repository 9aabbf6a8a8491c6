import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { parseDocument } from "htmlparser2";
import type { Element, Text } from "domhandler";
import { Event, sleep } from "../../asyncio/index.ts";
import { Blueprint } from "../app/blueprint.ts";
import { g } from "../app/accessors.ts";
import { Pottle } from "../app/pottle.ts";
import type { PottleOptions } from "../app/pottle-options.ts";
import { html } from "../html/html.ts";
import { flash, session, sessions } from "../sessions/index.ts";
import type { TemplateSettings } from "../jinja/template-engine.ts";
import { renderTemplate, renderTemplateString, streamTemplate } from "./render-template.ts";

const root = mkdtempSync(join(tmpdir(), "pottle-templates-"));
after(() => rmSync(root, { recursive: true, force: true }));

let count = 0;

const nameOf = (error: unknown): string => (error as Error).name;
const messageOf = (error: unknown): string => (error as Error).message;

/** An application with these files beside it. */
function make(files: Readonly<Record<string, string>> = {}, options: PottleOptions = {}): Pottle {
  const folder = join(root, String(count++));
  mkdirSync(folder);
  for (const [name, source] of Object.entries(files)) write(join(folder, name), source);
  return new Pottle({ dirname: folder }, options);
}

function write(file: string, source: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, source);
}

async function show(app: Pottle, path = "/"): Promise<string> {
  const response = await app.testClient().get(path);
  assert.equal(response.status, 200, response.text());
  return response.text();
}

/** Renders a text in a request. */
async function render(source: string, values: Readonly<Record<string, unknown>> = {}, app = make()): Promise<string> {
  let text = "";
  app.get("/", async () => {
    text = await renderTemplateString(source, values);
    return "";
  });
  await show(app);
  return text;
}

test("renderTemplate() renders a file of the folder 'templates', as HTML", async () => {
  const app = make({ "templates/a.html": "<p>{{ name }}</p>", "templates/sub/b.txt": "{{ name }}" });
  app.get("/", () => renderTemplate("a.html", { name: "<Ann>" }));
  app.get("/text", () => renderTemplate("sub/b.txt", { name: "<Ann>" }));
  app.get("/first", () => renderTemplate(["none.html", "a.html"], { name: "x" }));
  const response = await app.testClient().get("/");
  assert.equal(response.headers.get("content-type"), "text/html; charset=utf-8");
  assert.equal(response.text(), "<p>&lt;Ann&gt;</p>");
  assert.equal(await show(app, "/text"), "<Ann>");
  assert.equal(await show(app, "/first"), "<p>x</p>");
});

test("renderTemplate() escapes in .html, .htm, .xml, .xhtml and .svg only", async () => {
  const names = ["a.html", "a.htm", "a.xml", "a.xhtml", "a.svg", "a.HTML", "a.txt", "a", "a.html.txt", "a.js"];
  const app = make(Object.fromEntries(names.map((name) => [`templates/${name}`, "{{ '<' }}"])));
  app.get("/", async () => (await Promise.all(names.map((name) => renderTemplate(name)))).join(" "));
  assert.equal(await show(app), "&lt; &lt; &lt; &lt; &lt; &lt; < < < <");
});

test("renderTemplate() takes what html made for HTML", async () => {
  assert.equal(await render("{{ part }}", { part: html`<b>${"<"}</b>` }), "<b>&#60;</b>");
});

test("renderTemplate() knows request, g, urlFor and getFlashedMessages, by both names", async () => {
  const app = make();
  app.get("/todos/<int:id>", { name: "todo" }, ({ id }: { id: number }) => ({ id }));
  app.beforeRequest(() => void (g<{ user: string }>().user = "ann"));
  const source = [
    "{{ request.path }} {{ request.method }} {{ g.user }}",
    "{{ url_for('todo', id=7, page=2) }} {{ urlFor('todo', id=8) }} {{ url_for('/todos/<int:id>', {'id': 9}) }}",
    "{% with messages = get_flashed_messages(with_categories=true) %}{{ messages|length }}{% endwith %}",
    "{{ getFlashedMessages()|length }}",
  ].join("|");
  assert.equal(
    await render(source, {}, app),
    "/ GET ann|/todos/7?page=2 /todos/8 /todos/9|0|0".replaceAll("&", "&amp;"),
  );
});

test("contextProcessor() gives values, those of blueprints to their own requests, and passed values win", async () => {
  const app = make();
  const source = "{{ site }} {{ part }} {{ own }}";
  app.contextProcessor(async () => ({ site: "S", part: "app", own: "app" }));
  app.contextProcessor(() => undefined);
  const outer = new Blueprint("outer", { prefix: "/outer" });
  const inner = new Blueprint("inner", { prefix: "/inner" });
  outer.contextProcessor(() => ({ part: "outer" }));
  inner.contextProcessor(() => ({ part: "inner" }));
  const view = (): Promise<string> => renderTemplateString(source, { own: "passed" });
  app.get("/x", view);
  outer.get("/x", view);
  inner.get("/x", view);
  outer.register(inner);
  app.register(outer);
  assert.equal(await show(app, "/x"), "S app passed");
  assert.equal(await show(app, "/outer/x"), "S outer passed");
  assert.equal(await show(app, "/outer/inner/x"), "S inner passed");
});

test("Blueprint has templates that are searched after those of the application", async () => {
  const app = make({ "templates/a.html": "app", "part/a.html": "part a", "part/b.html": "part b" });
  const part = new Blueprint("part", { templateFolder: "part" });
  part.get("/<name>", ({ name }) => renderTemplate(`${name}.html`));
  app.register(part);
  assert.equal(await show(app, "/a"), "app");
  assert.equal(await show(app, "/b"), "part b");
});

test("templateFilter(), templateTest() and templateGlobal() give templates more, which may be async", async () => {
  const app = make();
  app.templateFilter("twice", async (text: string, options?: { sep: string }) => text + (options?.sep ?? "") + text);
  app.templateFilter("upper", (text: string) => `!${text}`);
  app.templateTest("admin", (user: { role: string }) => user.role === "admin");
  app.templateTest("later", async () => true);
  app.templateGlobal("year", async () => 2024);
  const source =
    "{{ 'a'|twice(sep='-') }} {{ 'b'|upper }} {{ user is admin }} {{ user is later }} {{ year() }} {{ ['x']|map('twice')|join }}";
  assert.equal(await render(source, { user: { role: "admin" } }, app), "a-a !b True True 2024 xx");
  assert.throws(() => app.templateFilter("x", (x: string) => x), { name: "SetupError" });
});

test("templateFilter() and the options of templates refuse what they cannot use", () => {
  assert.throws(() => make().templateFilter("x", "y" as never), { name: "TypeError", message: /templateFilter\(\)/ });
  assert.throws(() => make({}, { templateFolder: 7 as never }), { name: "TypeError", message: /current value is 7$/ });
  assert.throws(() => make({}, { templateEngine: {} as never }), { name: "TypeError", message: /templateEngine/ });
  assert.throws(() => new Blueprint("x", { templateFolder: "" }), TypeError);
});

test("renderTemplate() awaits promises, wherever they are", async () => {
  const user = Promise.resolve({ name: sleep(1, "ann"), posts: async () => [sleep(1, "p")] });
  const source = "{{ user.name|upper }} {% for p in user.posts() %}{{ p }}{% endfor %} {% if no %}x{% endif %}";
  assert.equal(await render(source, { user, no: Promise.resolve(false) }), "ANN p ");
});

test("renderTemplate() iterates async iterables, and closes one that it leaves early", async () => {
  let isClosed = false;
  async function* numbers(): AsyncGenerator<number> {
    try {
      for (let i = 1; ; i++) yield await sleep(0, i);
    } finally {
      isClosed = true;
    }
  }
  const source =
    "{% for n in numbers if n is odd %}{{ loop.index }}:{{ n }}{{ loop.last }} {% if n > 4 %}{% break %}{% endif %}{% endfor %}";
  assert.equal(await render(source, { numbers: numbers() }), "1:1False 2:3False 3:5False ");
  assert.equal(isClosed, true);
});

test("renderTemplate() lets errors of the application through, with the line of the template in their stack", async () => {
  class OutOfStock extends Error {}
  const app = make({ "templates/a.html": "\n{{ fail() }}" });
  let stack = "";
  app.get("/", () =>
    renderTemplate("a.html", {
      fail: () => {
        throw new OutOfStock("no");
      },
    }),
  );
  app.get("/later", () =>
    renderTemplate("a.html", {
      fail: async () => {
        throw new OutOfStock("no");
      },
    }),
  );
  app.errorHandler(OutOfStock, (error) => {
    stack = error.stack ?? "";
    return "handled";
  });
  assert.equal((await app.testClient().get("/")).text(), "handled");
  assert.match(stack, /\n {4}at template \(a\.html:2:1\)\n/);
  assert.equal((await app.testClient().get("/later")).text(), "handled");
});

const faulty: readonly (readonly [source: string, message: string])[] = [
  ["a\n{{ user.name }}", "Cannot render template 'a.html' as 'user' is undefined: line 2"],
  ["{{ x|nope }}", "Cannot render template 'a.html' as there is no filter 'nope': line 1"],
  ["\n\n{% if x %}", "Cannot read template 'a.html' as 'elif' or 'else' or 'endif' is missing: line 3"],
  ["{{ 'x }}", "Cannot read template 'a.html' as a string is not closed: line 1"],
  ["{% include 'b.html' %}", "Cannot find template 'b.html' as no folder of templates has it: searched FOLDER"],
  ["{% extends 'a.html' %}", "Cannot render template 'a.html' as templates extend each other without end: line 1"],
  [
    "{% include 'a.html' %}",
    "Cannot render template 'a.html' as macros and includes are nested more than 200 deep: line 1",
  ],
  [
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "Cannot render template 'a.html' as macros and includes are nested more than 200 deep: line 1",
  ],
  ["{% raw %}", "Cannot read template 'a.html' as 'raw' is not closed: line 1"],
  [
    `{{ ${"(".repeat(5_000)}1${")".repeat(5_000)} }}`,
    "Cannot read template 'a.html' as an expression is nested more than 200 deep: line 1",
  ],
  ["{% if x %}".repeat(5_000), "Cannot read template 'a.html' as tags are nested more than 100 deep: line 1"],
];
for (const [source, message] of faulty) {
  test(`renderTemplate() says what is wrong with ${JSON.stringify(source.slice(0, 50))}`, async () => {
    const app = make({ "templates/a.html": source });
    let error: unknown;
    app.get("/", async () => {
      await renderTemplate("a.html").catch((thrown: unknown) => (error = thrown));
      return "";
    });
    await show(app);
    assert.ok(error instanceof Error);
    assert.equal(error.message.replace(join(app.rootPath, "templates"), "FOLDER"), message);
  });
}

const outside = [
  "../secret.html",
  "/etc/passwd",
  "a/../../secret.html",
  "..\\secret.html",
  "a\0.html",
  "./a.html",
  "",
  "a//b.html",
  "sub/",
];
for (const name of outside) {
  test(`renderTemplate() finds nothing by the name ${JSON.stringify(name)}`, async () => {
    const app = make({ "templates/a.html": "a", "templates/sub/b.html": "b", "secret.html": "secret" });
    app.get("/", () => renderTemplate(name).catch(nameOf));
    app.get("/include", () => renderTemplateString("{% include name %}", { name }).catch(nameOf));
    assert.equal(await show(app), "TemplateNotFound");
    assert.equal(await show(app, "/include"), "TemplateNotFound");
  });
}

test("renderTemplate() refuses what is no name, and to be called outside of an application", async () => {
  await assert.rejects(renderTemplate("a.html"), { name: "InvalidStateError", message: /renderTemplate\(\)/ });
  const app = make();
  app.get("/", () => renderTemplate(7 as never).catch(messageOf));
  assert.match(await show(app), /'name' must be a string, or a list of strings: current value is 7/);
});

const reaching = [
  "{{ v.constructor }}",
  "{{ v['constructor'] }}",
  "{{ v|attr('constructor') }}",
  "{{ v.__proto__ }}",
  "{{ v['__proto__'] }}",
  "{{ v.f.constructor }}",
  "{{ v.f['constructor'] }}",
  "{{ v.list.constructor }}",
  "{{ v.list.map.constructor }}",
  "{{ v.text.constructor }}",
  "{{ v.text.upper.constructor }}",
  "{{ v.date.constructor }}",
  "{{ v.made.constructor }}",
  "{{ v.map.constructor }}",
  "{{ v.n.constructor }}",
  "{{ range.constructor }}",
  "{{ [v]|map(attribute='constructor')|first }}",
  "{{ [v]|map(attribute='__proto__')|first }}",
  "{{ v.__lookupGetter__ }}",
  "{{ v.hasOwnProperty }}",
  "{{ v.valueOf }}",
  "{{ v.f.call }}",
  "{{ v.html.constructor }}",
  "{{ namespace().constructor }}",
  "{{ cycler(1).constructor }}",
  "{% macro m() %}{% endmacro %}{{ m.constructor }}",
];
for (const source of reaching) {
  test(`renderTemplate() does not reach beyond a value by ${source}`, async () => {
    class Made {
      value = 1;
    }
    const v = {
      f: () => 1,
      list: [1],
      text: "t",
      date: new Date(0),
      made: new Made(),
      map: new Map(),
      n: 1,
      html: html`x`,
    };
    assert.equal(await render(source, { v }), "");
  });
}

test("renderTemplate() takes own data of any name for data", async () => {
  const v = JSON.parse('{"__proto__": {"x": 1}, "constructor": "c"}') as object;
  assert.equal(await render("{{ v.constructor }} {{ v['__proto__'].x }}", { v }), "c 1");
  const source = "{% set d = {'__proto__': {'polluted': 1}} %}{% do d.update({'constructor': 2}) %}{{ d.constructor }}";
  assert.equal(await render(source), "2");
  assert.equal(({} as { polluted?: number }).polluted, undefined);
  assert.equal(await render("{{ __proto__ }}{{ constructor }}{{ toString }}"), "");
});

test("renderTemplate() never opens a tag by what it shows", async () => {
  const app = make({
    "templates/a.html": `<p title="{{ v }}" lang='{{ v }}'>{{ v }}{{ [v] }}{{ {v: v} }}{{ v|upper }}{{ v ~ v }}{{ v|join(v) }}{{ [v]|join('<b>'|safe) }}{{ v|replace('a', v) }}{{ v|truncate(9) }}</p><script>x = {{ v|tojson }};</script><i></i>`,
  });
  let value: unknown = "";
  app.get("/", () => renderTemplate("a.html", { v: value }));
  const client = app.testClient();
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("<b>", "</script>", "'\"><x>", "&lt;", "<!--")),
      async (text) => {
        value = text;
        const page = parseDocument((await client.get("/")).text());
        const [paragraph, script, end] = page.children as [Element, Element, Element];
        assert.equal(page.children.length, 3);
        assert.deepEqual(Object.keys(paragraph.attribs), ["title", "lang"]);
        assert.ok(paragraph.children.every((child) => !("name" in child) || child.name === "b"));
        assert.deepEqual(
          JSON.parse((script.children[0] as Text).data.slice(4, -1)),
          text.toWellFormed() === text ? text : JSON.parse(JSON.stringify(text)),
        );
        assert.equal(end.name, "i");
      },
    ),
    { numRuns: 200 },
  );
});

test("JinjaEngine reads any text in finite time, or says in which line it cannot", async () => {
  const app = make();
  let source = "";
  app.get("/", () => renderTemplateString(source).catch(nameOf));
  const client = app.testClient();
  const word = fc.constantFrom(
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#}",
    " ",
    "if",
    "for",
    "x",
    "in",
    "endfor",
    "endif",
    "'",
    "(",
    ")",
    "[",
    "]",
    "|",
    ".",
    "-",
    "1",
    "is",
    "not",
    "block",
    "\n",
    "set",
    "=",
    "macro",
    "~",
    ",",
  );
  await fc.assert(
    fc.asyncProperty(fc.array(word, { maxLength: 30 }), async (words) => {
      source = words.join("");
      const response = await client.get("/");
      assert.equal(response.status, 200);
      assert.doesNotMatch(response.text(), /^(?:TypeError|RangeError|ReferenceError|Error)$/);
    }),
    { numRuns: 2_000 },
  );
});

test("renderTemplate() reads a long template in linear time", async () => {
  const sources = [
    "{{ x }}".repeat(50_000),
    `{{ x${".y".repeat(3)}${" ~ x".repeat(50_000)} }}`,
    "{# x #}\n".repeat(50_000),
    "{ ".repeat(200_000),
    "{% raw %}{% endraw %}".repeat(20_000),
  ];
  for (const source of sources) assert.equal(typeof (await render(source, { x: { y: { y: { y: "" } } } })), "string");
});

test("renderTemplate() reads a changed file again in development, and not otherwise", async () => {
  for (const development of [true, false]) {
    const app = make({ "templates/a.html": "{% include 'b.html' %}", "templates/b.html": "old" }, { development });
    app.get("/", () => renderTemplate("a.html"));
    assert.equal(await show(app), "old");
    const file = join(app.rootPath, "templates/b.html");
    write(file, "new");
    utimesSync(file, new Date(), new Date(Date.now() + 5_000));
    assert.equal(await show(app), development ? "new" : "old");
  }
});

test("renderTemplate() lets others have their turn in a long loop, and is cancelled there", async () => {
  const app = make();
  let turns = 0;
  app.get("/", async () => {
    const timer = setInterval(() => turns++, 1);
    try {
      return String((await renderTemplateString("{% for i in range(200000) %}{{ i }}{% endfor %}")).length);
    } finally {
      clearInterval(timer);
    }
  });
  assert.equal(await show(app), "1088890");
  assert.ok(turns > 0);
});

test("streamTemplate() sends what is there before it waits", async () => {
  const app = make({ "templates/a.html": "<h1>{{ title }}</h1>{{ later }}!" });
  const arrived = new Event();
  const later = async (): Promise<string> => {
    await arrived.wait();
    return "<late>";
  };
  app.get("/", () => streamTemplate("a.html", { title: "T", later: later() }));
  const call = app.testClient().open("GET", "/");
  const { status, headers } = await call.head();
  assert.equal(status, 200);
  assert.match(String(headers), /text\/html/);
  assert.equal(Buffer.from((await call.read())!).toString(), "<h1>T</h1>");
  arrived.set();
  assert.equal(Buffer.from((await call.read())!).toString(), "&lt;late&gt;!");
  assert.equal(await call.read(), undefined);
});

test("streamTemplate() stops when the client leaves, and closes what it iterates", async () => {
  const app = make({ "templates/a.html": "{% for row in rows() %}{{ row }},{% endfor %}" });
  let isClosed = false;
  async function* rows(): AsyncGenerator<number> {
    try {
      for (let i = 0; ; i++) yield await sleep(0, i);
    } finally {
      isClosed = true;
    }
  }
  app.get("/", () => streamTemplate("a.html", { rows }));
  const call = app.testClient().open("GET", "/");
  await call.head();
  assert.match(Buffer.from((await call.read())!).toString(), /^0,/);
  call.disconnect();
  await call.over();
  assert.equal(isClosed, true);
});

test("streamTemplate() answers a template that is not there with an error page", async () => {
  const app = make();
  app.get("/", () => streamTemplate("none.html"));
  app.errorHandler(500, () => "handled");
  assert.equal((await app.testClient().get("/")).text(), "handled");
});

test("Pottle takes an engine, or a function that makes one of the settings", async () => {
  const app = make(
    {},
    { templateEngine: { render: ([name], { x }) => `${name} ${x as string}`, renderString: (source) => source } },
  );
  app.get("/", () => renderTemplate("a", { x: 1 }));
  app.get("/stream", () => streamTemplate("a", { x: 2 }));
  assert.equal(await show(app), "a 1");
  assert.equal(await show(app, "/stream"), "a 2");
  let settings: TemplateSettings | undefined;
  const other = make(
    {},
    {
      templateFolder: "views",
      templateEngine: (given) => {
        settings = given;
        return { render: () => "", renderString: () => "" };
      },
    },
  );
  other.templateFilter("f", (x: string) => x);
  other.get("/", () => renderTemplate("a"));
  await show(other);
  assert.deepEqual(settings?.folders, [join(other.rootPath, "views")]);
  assert.deepEqual([...settings.filters.keys()], ["f"]);
});

test("renderTemplate() writes dates by strftime(), and follows links within its folder", async () => {
  const created = new Date(Date.UTC(2024, 1, 9, 15, 4, 5));
  assert.equal(
    await render("{{ d.strftime('%Y-%m-%d %H:%M %I%p %a %b %j %%') }}", { d: created }),
    "2024-02-09 15:04 03PM Fri Feb 040 %",
  );
  const app = make({ "templates/a.html": "a" });
  symlinkSync("a.html", join(app.rootPath, "templates/link.html"));
  app.get("/", () => renderTemplate("link.html"));
  assert.equal(await show(app), "a");
});

test("renderTemplate() shows flashed messages and the session, which it opens only then", async () => {
  const app = make();
  sessions(app, { secretKey: "a long random secret" });
  app.post("/", () => {
    session<{ user: string }>().set("user", "<ann>");
    flash("It is <saved>.", "success");
    flash("No.", "error");
    return "";
  });
  const source = [
    "{% for category, message in get_flashed_messages(with_categories=true) %}{{ category }}: {{ message }};{% endfor %}",
    "{% with messages = getFlashedMessages(categoryFilter=['error']) %}{{ messages|join }}{% endwith %}",
    "{{ session.user }} {{ session['user'] }} {{ session.get('none', 'x') }} {{ 'user' in session }} {{ session.constructor }}",
  ].join("|");
  app.get("/", () => renderTemplateString(source));
  app.get("/plain", () => renderTemplateString("plain"));
  const client = app.testClient();
  const [cookie = ""] = ((await client.post("/")).headers.get("set-cookie") ?? "").split(";");
  const page = await client.get("/", { headers: { cookie } });
  assert.equal(page.text(), "success: It is &lt;saved&gt;.;error: No.;|No.|&lt;ann&gt; &lt;ann&gt; x True ");
  assert.equal((await client.get("/plain", { headers: { cookie } })).headers.get("vary"), undefined);
});
