import assert from "node:assert/strict";
import { test } from "node:test";
import { ExceptionGroup } from "./exception-group.ts";

function group(): ExceptionGroup {
  return new ExceptionGroup("simple", [new RangeError("1"), new TypeError("int"), new RangeError("2")]);
}

function messages(errors: ExceptionGroup | undefined): unknown {
  return errors?.errors.map((error) => (error instanceof ExceptionGroup ? messages(error) : (error as Error).message));
}

test("ExceptionGroup.subgroup() selects by class (test_basics_subgroup_by_type__match)", () => {
  assert.deepEqual(messages(group().subgroup(RangeError)), ["1", "2"]);
  assert.deepEqual(messages(group().subgroup(TypeError)), ["int"]);
  assert.deepEqual(messages(group().subgroup([RangeError, TypeError])), ["1", "int", "2"]);
});

test("ExceptionGroup.subgroup() gives undefined where nothing matches (test_basics_subgroup_by_type__no_match)", () => {
  assert.equal(group().subgroup(SyntaxError), undefined);
});

test("ExceptionGroup.subgroup() gives the group itself where it matches as a whole (test_basics_subgroup_by_type__passthrough)", () => {
  const all = group();
  assert.equal(all.subgroup(ExceptionGroup), all);
  assert.equal(all.subgroup(Error), all);
  assert.equal(all.subgroup([RangeError, TypeError]), all);
});

test("ExceptionGroup.split() by class gives what matches and the rest (test_basics_split_by_type__match)", () => {
  const [matching, rest] = group().split(RangeError);
  assert.deepEqual([messages(matching), messages(rest)], [["1", "2"], ["int"]]);
});

test("ExceptionGroup.split() by predicate gives what matches and the rest (test_basics_split_by_predicate__match)", () => {
  const [matching, rest] = group().split((error) => error instanceof Error && error.message === "2");
  assert.deepEqual([messages(matching), messages(rest)], [["2"], ["1", "int"]]);
});

test("ExceptionGroup.split() keeps nesting, message, cause and the very errors (test_split_by_type)", () => {
  const cause = new Error("why");
  const inner = group();
  const outer = new ExceptionGroup(
    "outer",
    [inner, new SyntaxError("s"), new ExceptionGroup("types", [new TypeError("t")])],
    { cause },
  );
  const [matching, rest] = outer.split(TypeError);
  assert.deepEqual(messages(matching), [["int"], ["t"]]);
  assert.deepEqual(messages(rest), [["1", "2"], "s"]);
  assert.equal((matching!.errors[0] as ExceptionGroup).errors[0], inner.errors[1]);
  assert.equal(matching!.errors[1], outer.errors[2]);
  assert.equal(matching!.cause, cause);
  assert.match(matching!.message, /^outer/);
});

test("ExceptionGroup refuses to be empty", () => {
  assert.throws(() => new ExceptionGroup("none", []), RangeError);
});
