import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Linked, LinkedList } from "./linked-list.ts";

class Member implements Linked<Member> {
  previous: Member | undefined;
  next: Member | undefined;
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

function members(names: string): Member[] {
  return Array.from(names, (name) => new Member(name));
}

function namesIn(list: LinkedList<Member>): string {
  return list
    .toArray()
    .map(({ name }) => name)
    .join("");
}

test("LinkedList.append() keeps the order of arrival", () => {
  const list = new LinkedList<Member>();
  for (const member of members("abc")) list.append(member);
  assert.deepEqual([namesIn(list), list.first?.name, list.last?.name], ["abc", "a", "c"]);
});

test("LinkedList.remove() takes a member out once, from any place", () => {
  for (const [place, left] of [
    [0, "bc"],
    [1, "ac"],
    [2, "ab"],
  ] as const) {
    const list = new LinkedList<Member>();
    const all = members("abc");
    for (const member of all) list.append(member);
    assert.deepEqual([list.remove(all[place]!), list.remove(all[place]!)], [true, false]);
    assert.equal(namesIn(list), left);
  }
});

test("LinkedList.remove() of the only member leaves an empty list, to which it can come back", () => {
  const list = new LinkedList<Member>();
  const [only] = members("a");
  list.append(only!);
  assert.deepEqual(
    [list.remove(only!), list.remove(only!), list.first, list.last],
    [true, false, undefined, undefined],
  );
  list.append(only!);
  assert.equal(namesIn(list), "a");
});

test("LinkedList's iterator visits the members that stood there when it began", () => {
  const list = new LinkedList<Member>();
  const all = members("abc");
  for (const member of all) list.append(member);
  const seen: string[] = [];
  for (const member of list) {
    seen.push(member.name);
    for (const other of all) list.remove(other);
    list.append(new Member(member.name.toUpperCase()));
  }
  assert.deepEqual([seen.join(""), namesIn(list)], ["abc", "ABC"]);
});

test("LinkedList behaves as an array does, both ways", () => {
  const step = fc.oneof(fc.constant("append" as const), fc.nat());
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const list = new LinkedList<Member>();
      const model: Member[] = [];
      for (const [index, one] of steps.entries()) {
        if (one === "append") {
          const member = new Member(String(index));
          list.append(member);
          model.push(member);
        } else if (model.length > 0) assert.ok(list.remove(model.splice(one % model.length, 1)[0]!));
        assert.deepEqual(list.toArray(), model);
        assert.deepEqual(backwards(list), model.toReversed());
      }
    }),
  );
});

function backwards(list: LinkedList<Member>): Member[] {
  const all: Member[] = [];
  for (let member = list.last; member !== undefined; member = member.previous) all.push(member);
  return all;
}
