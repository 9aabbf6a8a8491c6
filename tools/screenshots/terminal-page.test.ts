import assert from "node:assert/strict";
import { test } from "node:test";
import { styleText } from "node:util";
import { terminalPage } from "./terminal-page.ts";

test("terminalPage() shows what was printed in its colours, and escapes it", () => {
  const output = styleText(["bold", "red"], "<stuck>", { validateStream: false });
  const page = terminalPage("pottle ps", `${output}\n`);
  assert.match(page, /<span class="bold"><span class="red">&lt;stuck><\/span><\/span><\/pre>$/);
});

test("terminalPage() refuses codes that end what never began", () => {
  assert.throws(() => terminalPage("pottle ps", "\x1b[39m"), /Cannot paint a line as nothing is open/);
});
