import assert from "node:assert/strict";
import { test } from "node:test";
import { wrkScript } from "./wrk-script.ts";

test("wrkScript() sends requests in turn, whatever their bytes are", () => {
  const script = wrkScript([
    { path: "/plain" },
    { method: "POST", path: "/a b", headers: { Cookie: 'a="b"\n' }, body: 'é"\\' },
  ]);
  assert.match(script, /wrk\.format\("GET", "\/plain", \{ {2}\}, nil\),/);
  const post = 'wrk.format("POST", "/a b", { ["Cookie"] = "a\\061\\034b\\034\\010" }, "\\195\\169\\034\\092")';
  assert.ok(script.includes(post), script);
  assert.match(script, /return requests\[last\]/);
});
