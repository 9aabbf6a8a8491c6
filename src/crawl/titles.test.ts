import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { createServer as createNetServer, type AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { createTask, isCancelled } from "../asyncio/index.ts";
import { checkLeaks } from "../asyncio/testing/index.ts";
import { ClientConnectorError, ClientSession, ClientTimeoutError, InvalidUrl } from "../client/index.ts";
import { type PageTitle, titles } from "./titles.ts";

const limited = { timeout: 5_000 };

/** A site that answers a page only when the test tells it to, and counts the requests. */
interface Site {
  readonly url: (name: string) => string;
  /** The pages that were requested but not answered yet, the oldest first. */
  readonly open: Map<string, ServerResponse>;
  readonly asked: string[];
  most: number;
}

async function serveSite(
  context: TestContext,
  answer?: (name: string, response: ServerResponse) => void,
): Promise<Site> {
  const server = createServer((request, response) => {
    const name = (request.url ?? "").slice(1);
    site.asked.push(name);
    site.open.set(name, response);
    response.once("close", () => site.open.delete(name));
    site.most = Math.max(site.most, site.open.size);
    answer?.(name, response);
  }).listen(0, "127.0.0.1");
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const site: Site = { url: (name) => base + name, open: new Map(), asked: [], most: 0 };
  return site;
}

function title(name: string, response: ServerResponse): void {
  response.setHeader("Content-Type", "text/html; charset=utf-8");
  response.end(`<!doctype html><title>Title ${name}</title>`);
}

async function until(check: () => boolean): Promise<void> {
  while (!check()) await new Promise((resolve) => setImmediate(resolve));
}

function names(count: number): string[] {
  return Array.from({ length: count }, (_, n) => String(n));
}

function byText(a: string | undefined, b: string | undefined): number {
  return String(a).localeCompare(String(b));
}

async function collect(pages: AsyncIterable<PageTitle>): Promise<PageTitle[]> {
  const all: PageTitle[] = [];
  for await (const page of pages) all.push(page);
  return all;
}

for (const ordered of [false, true]) {
  test(
    `titles({ ordered: ${ordered} }) gives each page's title, whatever goes wrong with others`,
    limited,
    async (context) => {
      const site = await serveSite(context, (name, response) => {
        if (name === "reset") response.destroy();
        else if (name === "missing") response.writeHead(404).end("<title>Not here</title>");
        else if (name === "picture") response.writeHead(200, { "Content-Type": "image/png" }).end("<title>no</title>");
        else if (name === "none") response.end("<p>nothing");
        else if (name !== "never") title(name, response);
      });
      const refused = createNetServer().listen(0, "127.0.0.1");
      await once(refused, "listening");
      const { port } = refused.address() as AddressInfo;
      await new Promise((resolve) => refused.close(resolve));
      const urls = [
        site.url("a"),
        "no url",
        site.url("reset"),
        site.url("missing"),
        `http://127.0.0.1:${port}/`,
        site.url("picture"),
        site.url("none"),
        site.url("never"),
        new URL(site.url("z")),
      ];
      const pages = await checkLeaks(() => collect(titles(urls, { ordered, timeout: 300 })));
      if (ordered)
        assert.deepEqual(
          pages.map((page) => page.url),
          urls.map(String),
        );
      const of = (url: string | URL): PageTitle => pages.find((page) => page.url === String(url))!;
      assert.equal(pages.length, urls.length);
      assert.deepEqual(of(urls[0]!), { url: urls[0], status: 200, title: "Title a" });
      assert.ok(of("no url").error instanceof InvalidUrl);
      assert.match(String(of(urls[2]!).error), /ServerDisconnectedError/);
      assert.deepEqual(of(urls[3]!), { url: urls[3], status: 404, title: "Not here" });
      assert.ok(of(urls[4]!).error instanceof ClientConnectorError);
      assert.deepEqual(of(urls[5]!), { url: urls[5], status: 200 });
      assert.deepEqual(of(urls[6]!), { url: urls[6], status: 200 });
      assert.ok(of(urls[7]!).error instanceof ClientTimeoutError);
      assert.equal(of(urls[8]!).title, "Title z");
    },
  );

  test(
    `titles({ ordered: ${ordered} }) asks for as many at once as allowed, and reads no further than its reader`,
    limited,
    async (context) => {
      const site = await serveSite(context);
      let taken = 0;
      function* urls(): Generator<string> {
        for (const name of names(50)) {
          taken++;
          yield site.url(name);
        }
      }
      const pages = titles(urls(), { concurrency: 4, ordered });
      const first = pages.next();
      await until(() => site.open.size === 4);
      for (const [name, response] of site.open) title(name, response);
      assert.ok((await first).value?.title);
      await until(() => site.open.size > 0 || taken >= 4);
      assert.ok(taken <= 9, `${taken} URLs were taken for a reader that took one page`);
      await pages.return();
      assert.ok(site.most <= 4);
    },
  );

  test(`titles({ ordered: ${ordered} }) stops what is under way when its loop is left`, limited, async (context) => {
    const site = await serveSite(context, (name, response) => {
      if (name === "0") title(name, response);
    });
    await checkLeaks(async () => {
      for await (const page of titles(names(10).map(site.url), { concurrency: 5, ordered })) {
        assert.equal(page.title, "Title 0");
        break;
      }
    });
    await until(() => site.open.size === 0);
    assert.ok(site.asked.length <= 6);
  });

  test(
    `titles({ ordered: ${ordered} }) stops what is under way when its task is cancelled`,
    limited,
    async (context) => {
      const site = await serveSite(context);
      const task = createTask(() => collect(titles(names(10).map(site.url), { concurrency: 5, ordered })));
      await until(() => site.open.size === 5);
      task.cancel();
      await assert.rejects(task, isCancelled);
      await until(() => site.open.size === 0);
      assert.equal(site.asked.length, 5);
    },
  );

  for (const concurrency of [1, 2, 7, 100]) {
    test(
      `titles({ ordered: ${ordered}, concurrency: ${concurrency} }) gives each of 40 pages once`,
      limited,
      async (context) => {
        const site = await serveSite(context, (name, response) => {
          setTimeout(() => title(name, response), (Number(name) * 7) % 13);
        });
        async function* urls(): AsyncGenerator<string> {
          for (const name of names(40)) yield Promise.resolve(site.url(name));
        }
        const pages = await collect(titles(urls(), { concurrency, ordered }));
        const found = pages.map((page) => page.title);
        const expected = names(40).map((name) => `Title ${name}`);
        assert.deepEqual(ordered ? found : found.toSorted(byText), ordered ? expected : expected.toSorted(byText));
        assert.ok(site.most <= concurrency, `${site.most} at once`);
      },
    );
  }
}

test("titles() gives pages as they come", limited, async (context) => {
  const site = await serveSite(context);
  const order = ["2", "0", "1"];
  const pages = titles(names(3).map(site.url));
  const next = pages.next();
  await until(() => site.open.size === 3);
  title("2", site.open.get("2")!);
  const found = [(await next).value?.title];
  for (const name of order.slice(1)) {
    title(name, site.open.get(name)!);
    found.push((await pages.next()).value?.title);
  }
  assert.deepEqual(found, ["Title 2", "Title 0", "Title 1"]);
  assert.equal((await pages.next()).done, true);
});

test("titles() reads no more of a page than its title needs", limited, async (context) => {
  let written = 0;
  const site = await serveSite(context, (_, response) => {
    response.write("<title>Endless</title>");
    const more = (): void => {
      while (!response.destroyed && response.write("<p>more</p>".repeat(1_000))) written += 11_000;
    };
    response.on("drain", more);
    more();
  });
  await using session = new ClientSession();
  const [page] = await collect(titles([site.url("")], { session }));
  assert.equal(page?.title, "Endless");
  await until(() => site.open.size === 0);
  assert.ok(written < 20_000_000);
  assert.equal(session.closed, false, "a session that it was given is left open");
});

test("titles() reads a page by the charset of its type", limited, async (context) => {
  const site = await serveSite(context, (_, response) => {
    response.writeHead(200, { "Content-Type": "text/html; charset=koi8-r" });
    response.end(Buffer.from("<title>\xf0\xd2\xc9</title>", "latin1"));
  });
  assert.equal((await collect(titles([site.url("")])))[0]?.title, "При");
});

test("titles() reads a page whose type names a charset that nobody knows", limited, async (context) => {
  const site = await serveSite(context, (name, response) => {
    response.writeHead(200, { "Content-Type": `text/html; charset=${name}` }).end("<title>grüße</title>");
  });
  for (const charset of ["klingon", "utf-16-klingon"])
    assert.equal((await collect(titles([site.url(charset)])))[0]?.title, "grüße");
});

test("titles() passes an error of the URLs on, after what had come", limited, async (context) => {
  const site = await serveSite(context, title);
  function* urls(): Generator<string> {
    yield site.url("a");
    throw new RangeError("no more");
  }
  for (const ordered of [false, true]) {
    const pages = titles(urls(), { ordered, concurrency: 2 });
    assert.equal((await pages.next()).value?.title, "Title a");
    await assert.rejects(pages.next(), { name: "RangeError", message: "no more" });
  }
});

test("titles() refuses what it cannot do", () => {
  assert.throws(() => titles(["http://a/"], { concurrency: 0 }), RangeError);
  assert.throws(() => titles("http://a/" as never), TypeError);
});
