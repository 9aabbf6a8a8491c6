import assert from "node:assert/strict";
import { test } from "node:test";
import { connect } from "./client.ts";
import { testServer } from "./server.fixture.ts";
import { checkValues } from "./values.ts";

const server = await testServer();

const refused: readonly [what: string, value: unknown, message: RegExp][] = [
  ["an invalid date", new Date("never"), /value \$1 is an invalid date/],
  ["an invalid date in an array", [new Date(Number.NaN)], /value \$1\[0\] is an invalid date/],
  ["undefined in an array", [1, undefined], /value \$1\[1\] is missing: pass null for NULL/],
  ["a hole in an array", [1, , 2], /value \$1\[1\] is missing/], // oxlint-disable-line no-sparse-arrays
  ["undefined in an array of arrays", [[1], [undefined]], /value \$1\[1\]\[0\] is missing/],
  ["a function in an array", [() => 1], /value \$1\[0\] is nothing that a column can hold/],
  ["a promise in an array", [Promise.resolve(1)], /value \$1\[0\] is a promise: await it first/],
  ["a Map", new Map(), /value \$1 is nothing that a column can hold/],
  ["a Set", new Set([1]), /value \$1 is nothing that a column can hold/],
  ["an array in itself", cyclic(), /value \$1(\[0\]){6} has more than 6 dimensions/],
];

function cyclic(): unknown[] {
  const array: unknown[] = [];
  array.push(array);
  return array;
}

for (const [what, value, message] of refused) {
  test(`checkValues() refuses ${what}`, () => {
    assert.throws(() => checkValues([value]), { name: "QueryArgumentError", message });
  });
}

test("checkValues() gives values back that need no change", () => {
  const values = [1, "a", null, true, 1n, Buffer.from("a"), { a: 1 }];
  assert.equal(checkValues(values), values);
});

const dates = [
  "2026-11-27T05:40:11.123Z",
  "1999-12-31T23:59:59.999Z",
  "1883-11-18T12:00:00.000Z",
  "1800-01-01T00:00:00.001Z",
  "0099-03-01T12:00:00.000Z",
  "0001-01-01T12:00:00.000Z",
  "0000-06-15T00:00:00.000Z",
  "-000044-03-15T12:30:00.000Z",
  "-004000-01-02T00:00:00.000Z",
  "+012345-06-07T08:09:10.000Z",
];

for (const zone of ["UTC", "Europe/Vienna", "America/New_York", "Asia/Kathmandu"]) {
  test(`a Date comes back as it was sent in ${zone}`, async () => {
    const before = process.env["TZ"];
    process.env["TZ"] = zone;
    try {
      await using connection = await connect(server.url);
      for (const serverZone of ["UTC", "Europe/Vienna"]) {
        await connection.query(`set timezone to '${serverZone}'`);
        for (const text of dates) {
          const date = new Date(text);
          const [row] = await connection.query<{ instant: Date; wall: Date; all: Date[]; epoch: string }>(
            "select $1::timestamptz as instant, $3::timestamp as wall, $2::timestamptz[] as all, extract(epoch from $1::timestamptz) as epoch",
            [date, [date], date],
          );
          assert.equal(Number(row?.epoch) * 1_000, date.getTime(), `${text} sent`);
          assert.deepEqual([row?.instant, row?.wall, row?.all], [date, date, [date]], `${text} read in ${serverZone}`);
        }
      }
    } finally {
      if (before === undefined) delete process.env["TZ"];
      else process.env["TZ"] = before;
    }
  });
}

test("an array is JSON where the server takes JSON, and an array elsewhere", async () => {
  await using connection = await connect(server.url);
  await connection.query("create temp table doc (id int, plain json, binary_ jsonb, numbers int[])");
  for (const value of [[], [1, "a", null], [{ a: [1] }], [[1], [2]]]) {
    await connection.query("insert into doc values ($1, $2, $3, $4)", [1, value, value, [1, 2]]);
    const rows = await connection.query("delete from doc where id = any($1) returning *", [[1, 2]]);
    assert.deepEqual(rows, [{ id: 1, plain: value, binary_: value, numbers: [1, 2] }]);
  }
  const rows = [];
  for await (const row of connection.stream("select $1::jsonb as a, $2::text[] as b", [[1], ["x"]])) rows.push(row);
  assert.deepEqual(rows, [{ a: [1], b: ["x"] }]);
  await assert.rejects(connection.query("select $1::jsonb from nowhere", [[1]]), { sqlState: "42P01" });
  assert.deepEqual(await connection.query("select $1::jsonb as a", [[2]]), [{ a: [2] }]);
});
