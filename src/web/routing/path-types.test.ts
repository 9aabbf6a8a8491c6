/** What is tested here is tested by the compiler: each `@ts-expect-error` must stand above an error. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  abort,
  Blueprint,
  type CheckedPath,
  type CheckedPrefix,
  type CheckedRoute,
  makeResponse,
  type PathArguments,
  PathSyntaxError,
  Pottle,
} from "../index.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only if the two types are the same. */
function same<A, B>(answer: Equal<A, B>): void {
  assert.equal(answer, true);
}

test("PathArguments has the type of each parameter", () => {
  // oxlint-disable-next-line typescript/no-generated-empty-object-type -- no parameters, no properties
  same<keyof PathArguments<"/">, never>(true);
  same<PathArguments<"/todos/<int:id>">, { id: number }>(true);
  same<PathArguments<"/<a>/<string:b>/<float:c>/<path:d>">, { a: string; b: string; c: number; d: string }>(true);
  same<PathArguments<"/<uuid:id>.<any(html, json):kind>">, { id: string; kind: "html" | "json" }>(true);
  same<PathArguments<'/<any(a,"b,c", d ):x>'>, { x: "a" | "b,c" | "d" }>(true);
  same<PathArguments<"/<int(min=1, max=5):n>/<string(length=2):s>">, { n: number; s: string }>(true);
  same<PathArguments<string>, Record<string, string | number>>(true);
});

test("CheckedPath says what is wrong with a path", () => {
  same<CheckedPath<"/todos/<int:id>">, "/todos/<int:id>">(true);
  same<CheckedPath<"/<itn:id>">, "unknown converter 'itn' in '<itn:id>'">(true);
  same<CheckedPath<"todos">, "a path must begin with '/': 'todos'">(true);
  same<CheckedPath<"/<id">, "'<' is never closed in '/<id'">(true);
  same<CheckedPath<"/<a<b>">, "'<' is never closed in '/<a<b>'">(true);
  same<CheckedPath<"/id>">, "'>' has no '<' before it in '/id>'">(true);
  same<CheckedPath<"/<a>/<int:a>">, "the name 'a' is used twice in '/<a>/<int:a>'">(true);
  same<CheckedPath<"/<int:>">, "a parameter has no name: '<int:>'">(true);
  same<CheckedPath<"/<>">, "a parameter has no name: '<>'">(true);
  same<CheckedPath<string>, string>(true);
});

test("CheckedPath says what is wrong with the arguments of a converter", () => {
  same<CheckedPath<"/<string(length=2):a>/<int(min=1, max=9):b>">, "/<string(length=2):a>/<int(min=1, max=9):b>">(true);
  same<CheckedPath<"/<int(min=-1, signed=True):n>">, "/<int(min=-1, signed=True):n>">(true);
  same<CheckedPath<"/<float(max=1.5):n>">, "/<float(max=1.5):n>">(true);
  same<CheckedPath<"/<int(fixed_digits=3):n>">, "/<int(fixed_digits=3):n>">(true);
  same<CheckedPath<'/<any(a,b,"c,d"):x>'>, '/<any(a,b,"c,d"):x>'>(true);
  same<CheckedPath<"/<int():n>">, "/<int():n>">(true);
  same<CheckedPath<"/<int(length=2):n>">, "converter 'int' has no argument 'length' in '<int(length=2):n>'">(true);
  same<CheckedPath<"/<int(2):n>">, "converter 'int' has no argument '2' in '<int(2):n>'">(true);
  same<CheckedPath<"/<path(min=2):n>">, "converter 'path' has no argument 'min' in '<path(min=2):n>'">(true);
  same<CheckedPath<"/<int(min=x):n>">, "'min' must be a number in '<int(min=x):n>'">(true);
  same<CheckedPath<"/<int(min=1,max=):n>">, "'max' must be a number in '<int(min=1,max=):n>'">(true);
  same<CheckedPath<"/<int(signed=1):n>">, "'signed' must be true or false in '<int(signed=1):n>'">(true);
  same<CheckedPath<"/<string(length=1.5):n>">, "'length' must be a whole number >= 0 in '<string(length=1.5):n>'">(
    true,
  );
  same<CheckedPath<"/<string(length=-1):n>">, "'length' must be a whole number >= 0 in '<string(length=-1):n>'">(true);
  same<CheckedPath<"/<any():n>">, "converter 'any' needs items in '<any():n>'">(true);
  same<CheckedPath<"/<any(a/b):n>">, "converter 'any' needs items without slashes in '<any(a/b):n>'">(true);
  same<CheckedPath<"/<day:n>", { day: Date }>, "/<day:n>">(true);
  same<CheckedPath<"/<day(1):n>", { day: Date }>, "converter 'day' has no argument '1' in '<day(1):n>'">(true);
  same<PathArguments<"/<day:n>", { day: Date }>, { n: Date }>(true);
});

test("Pottle.get() refuses wrong arguments of a converter when it is set up, too", () => {
  const refused = [
    "/<int(length=2):n>",
    "/<int(min=x):n>",
    "/<int(min=3, max=2):n>",
    "/<int(signed=1):n>",
    "/<string(length=-1):n>",
    "/<string(minlength=3, maxlength=2):n>",
    "/<any():n>",
    "/<any(a/b):n>",
    "/<path(min=1):n>",
    "/<uuid(1):n>",
  ];
  for (const path of refused) {
    assert.throws(() => new Pottle().get<string>(path, () => ""), { name: "PathSyntaxError" }, path);
  }
  assert.doesNotThrow(() => new Pottle().get("/<int(fixed_digits=2, signed=True):n>", ({ n }) => ({ n })));
});

test("CheckedRoute and CheckedPrefix say what is wrong with a path after a prefix, and with a prefix", () => {
  same<CheckedRoute<"/<org>", "/<int:id>">, "/<int:id>">(true);
  same<CheckedRoute<"/x", "">, "">(true);
  same<CheckedRoute<"", "/<id">, "'<' is never closed in '/<id'">(true);
  same<CheckedRoute<"", "">, "a path must begin with '/': ''">(true);
  same<CheckedRoute<"/<a>", "/<a>">, "the name 'a' is used twice in '/<a>/<a>'">(true);
  same<CheckedRoute<"/x", "y">, "a path must begin with '/': 'y'">(true);
  same<CheckedRoute<string, "/<a>">, "/<a>">(true);
  same<CheckedRoute<"/x", string>, string>(true);
  same<CheckedPrefix<"/a/<b>">, "/a/<b>">(true);
  same<CheckedPrefix<"">, "">(true);
  same<CheckedPrefix<"/a/">, "a prefix must not end with '/': '/a/'">(true);
  same<CheckedPrefix<"a">, "a path must begin with '/': 'a'">(true);
});

test("Blueprint.get() gives the view the arguments of its prefix and of its path", () => {
  const blueprint = new Blueprint("b", { prefix: "/<org>/<int:year>" });
  blueprint.get("/<float:x>", ({ org, year, x }) => {
    same<typeof org, string>(true);
    same<typeof year, number>(true);
    same<typeof x, number>(true);
    return {};
  });
  blueprint.post("", { timeout: 1_000 }, ({ year }) => ({ year }));
  // @ts-expect-error -- there is no 'id'
  blueprint.get("/id", ({ id }) => String(id));
  // @ts-expect-error -- in the prefix already
  assert.throws(() => blueprint.get("/<org>", () => ""), PathSyntaxError);
  // @ts-expect-error -- ends with a slash
  assert.throws(() => new Blueprint("b", { prefix: "/x/" }), PathSyntaxError);
  // @ts-expect-error -- unknown converter
  assert.throws(() => new Blueprint("b", { prefix: "/<itn:x>" }), PathSyntaxError);
  const plain = new Blueprint("plain");
  plain.get("/<int:id>", ({ id }) => ({ next: id + 1 }));
  const computed: string = "/x";
  new Blueprint("computed", { prefix: computed }).get("/<a>", ({ a }) => String(a));
  const app = new Pottle();
  app.register(blueprint);
  app.register(plain);
});

test("Pottle.errorHandler() hands over an error of its class", () => {
  class Mine extends Error {
    readonly mine = 1;
  }
  const app = new Pottle();
  app.errorHandler(Mine, (error, request) => ({ mine: error.mine, path: request.path }));
  app.errorHandler(404, (error) => ({ status: error.status }));
  // @ts-expect-error -- a handler that returns nothing
  app.errorHandler(Error, () => {});
});

const app = new Pottle(import.meta);

test("Pottle.get() does not compile, and throws, for a path that cannot be right", () => {
  // @ts-expect-error -- unknown converter
  assert.throws(() => app.get("/<itn:id>", () => "x"), PathSyntaxError);
  // @ts-expect-error -- duplicate name
  assert.throws(() => app.post("/<a>/<a>", () => "x"), PathSyntaxError);
  // @ts-expect-error -- never closed
  assert.throws(() => app.put("/<a", () => "x"), PathSyntaxError);
  // @ts-expect-error -- no slash
  assert.throws(() => app.patch("a", () => "x"), PathSyntaxError);
  // @ts-expect-error -- no name
  assert.throws(() => app.delete("/<int:>", () => "x"), PathSyntaxError);
  // @ts-expect-error -- unknown converter
  assert.throws(() => app.route("/<sting:a>", { methods: ["GET"] }, () => "x"), PathSyntaxError);
  const computed: string = "/<int:id>";
  app.get(computed, ({ id }) => String(id));
});

test("Pottle.get() gives the view the arguments of its path, and no others", () => {
  app.get("/1/<int:id>/<name>", ({ id, name }) => {
    same<typeof id, number>(true);
    same<typeof name, string>(true);
    return name.repeat(id);
  });
  app.get("/2/<any(a,b):x>", async ({ x }, request) => {
    same<typeof x, "a" | "b">(true);
    return { x, path: request.path };
  });
  app.get("/5/<int:id>", { name: "five", timeout: 1_000, strictSlashes: false }, ({ id }, request) => {
    same<typeof id, number>(true);
    return [id, request.path];
  });
  // @ts-expect-error -- the method is that of the name
  assert.throws(() => app.get("/6", { methods: ["GET"], name: "six" }, () => ""), { name: "TypeError" });
  // @ts-expect-error -- no such option
  app.get("/7", { name: "seven", strictSlahses: false }, () => "");
  // @ts-expect-error -- there is no 'idd'
  app.get("/3/<int:id>", ({ idd }) => String(idd));
  // @ts-expect-error -- a path without parameters has no arguments
  app.get("/4", ({ id }) => String(id));
});

test("Pottle.get() takes what can be answered, sync or async", () => {
  interface Todo {
    readonly title: string;
  }
  const todo: Todo = { title: "x" };
  const todos = new Map<number, Todo>();
  app.get("/10", () => "text");
  app.get("/11", async () => new Uint8Array(1));
  app.get("/12", () => [1, 2]);
  app.get("/13", async () => todo);
  app.get("/14", () => makeResponse("x", 201));
  app.get("/15", async () => new Response("x"));
  app.get("/16", async function* () {
    yield "x";
  });
  app.get("/17", () => abort(404));
  app.get("/18", async () => todos.get(1) ?? abort(404));
  app.get("/19", async (_, request) => (await request.json<Todo>()).title);
  app.get("/20", () => ({ any: { thing: [null, true, 1.5] } }));
});

test("Pottle.get() does not take a view that can return nothing, or what cannot be answered", () => {
  const maybe: string | undefined = undefined;
  // @ts-expect-error -- returns nothing
  app.get("/30", () => {});
  // @ts-expect-error -- resolves to nothing
  app.get("/31", async () => {});
  // @ts-expect-error -- may return nothing
  app.get("/32", () => maybe);
  // @ts-expect-error -- may resolve to nothing
  app.get("/33", async () => maybe);
  // @ts-expect-error -- a number
  app.get("/34", () => 1);
  // @ts-expect-error -- null
  app.get("/35", async () => null);
  // @ts-expect-error -- a boolean
  app.get("/37", () => true);
});
