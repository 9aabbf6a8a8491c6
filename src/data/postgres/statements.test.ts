import assert from "node:assert/strict";
import { test } from "node:test";
import { endsTransaction, leavesSessionAlone, statementsOf, whyUnsupported } from "./statements.ts";

const texts: readonly [text: string, statements: readonly string[]][] = [
  ["select 1", ["select 1"]],
  [" SELECT  1 ;\n; commit;", ["select 1", "commit"]],
  ["select ';commit' as a; rollback", ["select ? as a", "rollback"]],
  ['select 1 as "a;b""c"', ["select 1 as ?"]],
  ["select $$;commit;$$; select $a$ $$;$b$ $a$", ["select ?", "select ?"]],
  ["select $1;select a$b$c", ["select $1", "select a$b$c"]],
  ["select e'\\';commit' -- ;commit\n; end", ["select ?", "end"]],
  ["/* ; /* commit */ ; */ commit", ["commit"]],
  ["select 'it''s;'", ["select ?"]],
];

for (const [text, statements] of texts) {
  test(`statementsOf() splits ${JSON.stringify(text)}`, () => assert.deepEqual(statementsOf(text), statements));
}

const unsupported: readonly [text: string, reason: RegExp | undefined][] = [
  ["listen news", /LISTEN is not supported/],
  ["select 1; LISTEN news", /LISTEN/],
  ["copy note to stdout", /COPY from and to the client is not supported/],
  ["COPY (select 'x') TO STDOUT with (format csv)", /COPY/],
  ["copy note (a, b) from stdin", /COPY/],
  ["copy note from '/tmp/note'", undefined],
  ["copy note to program 'cat'", undefined],
  ["unlisten *", undefined],
  ["notify news", undefined],
  ["select listen, copy from note", undefined],
  ["insert into note values ('copy note to stdout; listen news')", undefined],
];

for (const [text, reason] of unsupported) {
  test(`whyUnsupported() ${reason === undefined ? "allows" : "refuses"} ${text}`, () => {
    if (reason === undefined) assert.equal(whyUnsupported(text), undefined);
    else assert.match(whyUnsupported(text)!, reason);
  });
}

const ends: readonly [text: string, ends: boolean][] = [
  ["commit", true],
  ["  -- done\n COMMIT WORK;", true],
  ["commit and chain", true],
  ["end", true],
  ["end transaction", true],
  ["rollback", true],
  ["rollback and no chain", true],
  ["abort", true],
  ["insert into note values (1); commit; select 1", true],
  ["prepare transaction 'a'", true],
  ["rollback to savepoint a", false],
  ["rollback work to a", false],
  ["rollback transaction to savepoint a", false],
  ["release savepoint a", false],
  ["commit prepared 'a'", false],
  ["prepare a as select 1", false],
  ["select case when true then 1 end", false],
  ["select 1 as end_, 'commit'", false],
  ["do $$ begin perform 1; end $$", false],
  ["create function f() returns int begin atomic select 1; end", false],
];

for (const [text, isEnd] of ends) {
  test(`endsTransaction() is ${isEnd} for ${JSON.stringify(text)}`, () => assert.equal(endsTransaction(text), isEnd));
}

test("leavesSessionAlone() goes by command tags, and by words where a tag says nothing", () => {
  const result = (command: string | null) => ({ command, rows: [], rowCount: null, fields: [] });
  assert.equal(leavesSessionAlone("select 1", result("SELECT")), true);
  assert.equal(leavesSessionAlone("", result(null)), true);
  assert.equal(leavesSessionAlone("set a = 1", result("SET")), false);
  assert.equal(leavesSessionAlone("set local a = 1", result("SET")), true);
  assert.equal(leavesSessionAlone("select 1; set a = 1", [result("SELECT"), result("SET")]), false);
  assert.equal(leavesSessionAlone("call p()", result("CALL")), false);
  assert.equal(leavesSessionAlone("something new", result("NEW")), false);
  assert.equal(leavesSessionAlone("select set_config('a', $1, true)", result("SELECT")), true);
  assert.equal(
    leavesSessionAlone("select set_config('a', 'b', true), set_config('a', 'b', false)", result("SELECT")),
    false,
  );
  assert.equal(leavesSessionAlone("select 1 / 0", undefined), true);
  assert.equal(leavesSessionAlone("select 1; select 1 / 0", undefined), false);
});
