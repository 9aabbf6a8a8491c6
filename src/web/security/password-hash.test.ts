import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { checkLeaks } from "../../asyncio/testing/index.ts";
import { createTask, gather, isCancelled, sleep } from "../../asyncio/index.ts";
import { checkPasswordHash, generatePasswordHash, needsRehash, type PasswordHashOptions } from "./password-hash.ts";

const cheap = { method: "scrypt:1024:8:1" };

// Made by Werkzeug's functions.
for (const [password, hash] of [
  [
    "correct horse",
    "scrypt:32768:8:1$Rtq2ZsyBkfVcmnYT$101b30029647a0df581c7b29e7b2cc12d451b048b5895f5a325b2e40fa549626249bf3770c53ad46cc3f0a8e33e192a1d65bb7bf2f34d05f7b3eb865ec52275a",
  ],
  [
    "pässwörd 🔑",
    "scrypt:1024:8:1$a1b2c3d4$93ebec2c4552669156c1ce13b85d5b51ec527542c4dfef21984ec179d7071e971c8a13b949270bc5f424310882c537f2a0680795af10a0519ef0b5eb946957d1",
  ],
  ["correct horse", "pbkdf2:sha256:1000$salt$6e8453a042a842bdb62de0d3c870ec1241e90ec0ce4f2589ab5e87927122c1e5"],
  ["correct horse", "pbkdf2:sha1:1000$salt$ba6e4f2c7f22bc472b44955ab1365787cfafc57d"],
] as const) {
  test(`checkPasswordHash() reads Werkzeug's ${hash.slice(0, 20)}…`, async () => {
    assert.equal(await checkPasswordHash(hash, password), true);
    assert.equal(await checkPasswordHash(hash, `${password} `), false);
    assert.equal(await checkPasswordHash(`${hash.slice(0, -1)}${hash.endsWith("0") ? "1" : "0"}`, password), false);
    assert.equal(await checkPasswordHash(hash.slice(0, -2), password), false);
  });
}

for (const method of ["scrypt:1024:8:1", "pbkdf2:sha256:1000", "pbkdf2:sha512:10"]) {
  test(`generatePasswordHash() by ${method} gives what checkPasswordHash() accepts, with a new salt each time`, async () => {
    const [one, other] = await gather(
      [1, 2].map(() => () => generatePasswordHash("geheim", { method, saltLength: 20 })),
    );
    assert.notEqual(one, other);
    assert.match(one!, new RegExp(`^${method}\\$[a-zA-Z0-9]{20}\\$[0-9a-f]+$`));
    assert.equal(await checkPasswordHash(one, "geheim"), true);
    assert.equal(await checkPasswordHash(one, "Geheim"), false);
  });
}

test("generatePasswordHash() uses scrypt with Werkzeug's parameters unless it is told otherwise", async () => {
  assert.match(await generatePasswordHash("x"), /^scrypt:32768:8:1\$[a-zA-Z0-9]{16}\$[0-9a-f]{128}$/);
  assert.match(await generatePasswordHash("x", { method: "scrypt" }), /^scrypt:32768:8:1\$/);
});

test("checkPasswordHash() gives false for any text that is not a hash", async () => {
  for (const text of ["", "!", "plain", "a$b", "scrypt:1024:8:1$salt"]) {
    assert.equal(await checkPasswordHash(text, "x"), false);
  }
  assert.equal(await checkPasswordHash(undefined, "x"), false);
  assert.equal(await checkPasswordHash(null, "x"), false);
  assert.equal(await checkPasswordHash("scrypt:1024:8:1$salt$", ""), false);
  assert.equal(await checkPasswordHash("scrypt:1024:8:1$salt$zz", ""), false);
});

for (const method of [
  "md5",
  "plain",
  "sha256",
  "scrypt:1000:8:1",
  "scrypt:1024:8",
  "scrypt:1024:8:1:1",
  "scrypt:1024:0:1",
  "scrypt:4294967296:8:1",
  "scrypt:1024:8:1e3",
  "pbkdf2:md5:1000",
  "pbkdf2:constructor:1000",
  "pbkdf2:sha256:0",
  "pbkdf2:sha256:-1",
  "pbkdf2:sha256:1:1",
  "pbkdf2:sha256:9999999999",
]) {
  test(`generatePasswordHash() and checkPasswordHash() refuse the method ${method}`, async () => {
    const refusal = { name: "RangeError", message: /the method must be scrypt or pbkdf2, with parameters/ };
    await assert.rejects(generatePasswordHash("x", { method }), refusal);
    await assert.rejects(checkPasswordHash(`${method}$salt$00`, "x"), refusal);
    assert.throws(() => needsRehash("a$b$c", { method }), refusal);
  });
}

test("generatePasswordHash() and checkPasswordHash() do not repeat a password or a hash in an error", async () => {
  const secret = { secret: "geheim" } as never;
  for (const refused of [
    generatePasswordHash(secret),
    checkPasswordHash("a$b$c", secret),
    checkPasswordHash(secret, "x"),
  ]) {
    await assert.rejects(refused, (error: Error) => error instanceof TypeError && !error.message.includes("geheim"));
  }
  await assert.rejects(
    checkPasswordHash("md5$geheimesalz$geheim", "x"),
    (error: Error) => error instanceof RangeError && !error.message.includes("geheim"),
  );
});

for (const options of [{ saltLength: 7 }, { saltLength: 8.5 }, { saltLength: 1_025 }] as PasswordHashOptions[]) {
  test(`generatePasswordHash() refuses ${JSON.stringify(options)}`, async () => {
    await assert.rejects(generatePasswordHash("x", options), { name: "RangeError", message: /'saltLength'/ });
  });
}

test("needsRehash() is true of any other method or parameter than a new hash would have", async () => {
  assert.equal(needsRehash(await generatePasswordHash("x", cheap), cheap), false);
  assert.equal(needsRehash(await generatePasswordHash("x", cheap)), true);
  assert.equal(needsRehash("scrypt:32768:8:1$salt$00"), false);
  assert.equal(needsRehash("pbkdf2:sha256:600000$salt$00"), true);
  assert.equal(needsRehash("pbkdf2:sha256:1000000$salt$00", { method: "pbkdf2" }), false);
  assert.equal(needsRehash("!"), true);
});

test("checkPasswordHash() that is cancelled in line does not begin, and one that runs ends before its task does", () =>
  checkLeaks(async () => {
    const hash = await generatePasswordHash("x", { method: "pbkdf2:sha256:500000" });
    const tasks = Array.from({ length: 50 }, () => createTask(() => checkPasswordHash(hash, "x")));
    await sleep(0);
    for (const task of tasks) task.cancel();
    await sleep(0);
    assert.ok(tasks.filter((task) => task.done()).length >= 48, "only two were being made");
    const outcomes = await Promise.allSettled(tasks);
    assert.ok(outcomes.every((outcome) => outcome.status === "rejected" && isCancelled(outcome.reason)));
    assert.equal(await checkPasswordHash(hash, "x"), true);
  }));

test("checkPasswordHash() never fails but by a RangeError, whatever the hash", async () => {
  const text = fc.string({ unit: fc.constantFrom("scrypt", "pbkdf2", "sha1", ":", "$", "8", "1", "a", "é", "\0") });
  await fc.assert(
    fc.asyncProperty(text, async (hash) => {
      const outcome = await checkPasswordHash(hash, "x").catch((error: unknown) => error);
      assert.ok(outcome === false || outcome instanceof RangeError, String(outcome));
    }),
    { numRuns: 40 },
  );
});
