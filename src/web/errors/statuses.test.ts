import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { abort } from "../message/abort.ts";
import { HTTPError } from "./http-error.ts";
import * as statuses from "./statuses.ts";
import { Forbidden, NotFound } from "./statuses.ts";

const { classForStatus, ...classes } = statuses;

test("Each class of a status has its name, and is found by abort()", () => {
  for (const [name, Class] of Object.entries(classes)) {
    const error = new Class("Why.", { headers: ["X-A", "1"] });
    assert.equal(Class.name, name);
    assert.equal(error.name, name);
    assert.equal(error.constructor, Class);
    assert.ok(error instanceof HTTPError && error instanceof Error);
    assert.equal(error.description, "Why.");
    assert.deepEqual(error.headers, ["X-A", "1"]);
    assert.notEqual(new Class().description, "");
    assert.equal(classForStatus(error.status), Class);
    assert.throws(() => abort(error.status), Class);
  }
  assert.equal(Object.keys(classes).length, 30);
});

test("Forbidden is a class and a type: instanceof narrows, and it can be extended", () => {
  class NotYourTodo extends Forbidden {
    readonly todo: number = 7;
  }
  const error: unknown = new NotYourTodo("Not yours.");
  assert.ok(error instanceof Forbidden);
  const { name, status }: Forbidden = error;
  assert.deepEqual([name, status], ["Forbidden", 403]);
  // @ts-expect-error an error of one status is not one of another
  const other: NotFound = error;
  assert.ok(!(other instanceof NotFound));
});

test("An error of a status is shown by its name", () => {
  assert.match(inspect(new Forbidden()), /^Forbidden: 403 Forbidden: /);
});
