import assert from "node:assert/strict";
import { test } from "node:test";
import { declarationsOf } from "./_declarations.ts";
import { fixture } from "./_fixture.ts";

const queue = `import { type Store } from "./store.ts";
/** What a file is about. */
/**
 * A queue.
 *
 * @example
 * export declare function notThis(): void;
 */
export declare class Queue<T> {
    #private;
    /** @internal */
    readonly store: Store<{
        item: T;
    }>;
    /** The name. */
    readonly name: string;
    private constructor();
}
/** Adds numbers. */
export declare function add(a: number, options: {
    readonly b: number;
}): number;
/** Adds texts. */
export declare function add(a: string): string;
declare const hidden = 1;
/** The type of it. */
export type Hidden = typeof hidden;
export { hidden as shown };
export {};
//# sourceMappingURL=queue.d.ts.map`;

const files = {
  "dist/index.d.ts":
    'export { Queue, add as plus } from "./sync/queue.ts";\nexport {\n    shown,\n    type Store as Shop,\n} from "./sync/index.js";',
  "dist/sync/index.d.ts": 'import { Store } from "./store.ts";\nexport { shown } from "./queue.ts";\nexport { Store };',
  "dist/sync/queue.d.ts": queue,
  "dist/sync/store.d.ts": "/** Holds items. */\nexport interface Store<T> {\n    readonly item: T;\n}",
};

test("declarationsOf() leaves out members that are private or internal", (context) => {
  const [found, ...others] = declarationsOf("Queue", "dist/index.d.ts", fixture(context, files));
  assert.deepEqual(others, []);
  assert.equal(found?.text, "class Queue<T> {\n    /** The name. */\n    readonly name: string;\n}");
  assert.match(found.comment, /^A queue\.\n\n@example\nexport declare function notThis/);
});

test("declarationsOf() finds all overloads, under the name that importers use", (context) => {
  const found = declarationsOf("plus", "dist/index.d.ts", fixture(context, files));
  assert.deepEqual(
    found.map(({ name, comment, text }) => [name, comment, text.split("\n")[0]]),
    [
      ["plus", "Adds numbers.", "function add(a: number, options: {"],
      ["plus", "Adds texts.", "function add(a: string): string;"],
    ],
  );
});

test("declarationsOf() follows lists from file to file", (context) => {
  const folder = fixture(context, files);
  assert.equal(declarationsOf("shown", "dist/index.d.ts", folder)[0]?.text, "const hidden = 1;");
  assert.equal(declarationsOf("Shop", "dist/index.d.ts", folder)[0]?.comment, "Holds items.");
});

test("declarationsOf() shows the value whose type a type is", (context) => {
  const found = declarationsOf("Hidden", "dist/sync/queue.d.ts", fixture(context, files));
  assert.deepEqual(
    found.map(({ text }) => text),
    ["type Hidden = typeof hidden;", "const hidden = 1;"],
  );
});

test("declarationsOf() refuses a name that is nowhere, and a file that is missing", (context) => {
  const folder = fixture(context, { ...files, "dist/broken.d.ts": 'export { a } from "./gone.ts";' });
  assert.throws(
    () => declarationsOf("nothing", "dist/index.d.ts", folder),
    /Cannot describe nothing as no declaration/,
  );
  assert.throws(() => declarationsOf("a", "dist/broken.d.ts", folder), /as a file is missing: dist\/gone\.d\.ts/);
});
