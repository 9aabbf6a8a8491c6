import assert from "node:assert/strict";
import { test } from "node:test";
import { shareClass } from "./share-class.ts";

/** Makes a small class tree, as each copy of the package has one of its own. */
function makeCopy(): { Base: new () => object; Derived: new () => object; Plain: new () => object } {
  class Base {
    readonly isBase = true;
  }
  class Derived extends Base {}
  class Plain extends Derived {}
  shareClass(Base, "test.Base");
  shareClass(Derived, "test.Derived");
  return { Base, Derived, Plain };
}

test("shareClass() makes instances of one copy's class instances of the other's, along the tree", () => {
  const [ours, theirs] = [makeCopy(), makeCopy()];
  assert.ok(new ours.Base() instanceof theirs.Base);
  assert.ok(new ours.Derived() instanceof theirs.Base);
  assert.ok(new ours.Derived() instanceof theirs.Derived);
  assert.ok(!(new ours.Base() instanceof theirs.Derived));
});

test("shareClass() leaves classes alone that are derived from a shared one", () => {
  const [ours, theirs] = [makeCopy(), makeCopy()];
  assert.ok(new ours.Plain() instanceof ours.Plain);
  assert.ok(new ours.Plain() instanceof theirs.Derived);
  assert.ok(!(new ours.Plain() instanceof theirs.Plain));
  assert.ok(!(new ours.Derived() instanceof ours.Plain));
});

test("shareClass() leaves what is not an object out", () => {
  const { Base } = makeCopy();
  for (const value of [undefined, null, 1, "text", {}, [], () => 1]) assert.ok(!(value instanceof (Base as never)));
});

test("shareClass() shows nothing of it where an instance is printed or copied", () => {
  const { Base } = makeCopy();
  const instance = new Base();
  assert.deepEqual([Object.keys(instance), { ...instance }], [["isBase"], { isBase: true }]);
});
