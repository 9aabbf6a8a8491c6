// Loaded by pottle.cjs once the running Node is known to be new enough.
"use strict";

const { existsSync } = require("node:fs");
const { join } = require("node:path");

const entry = join(__dirname, "..", "dist", "cli", "main.js");

if (existsSync(entry)) {
  import("../dist/cli/main.js").then((cli) => cli.default(process.argv.slice(2))).catch(report);
} else {
  report(`Cannot start pottle as it has not been built: run "npm run build" in ${join(__dirname, "..")}`);
}

function report(error) {
  console.error(error);
  process.exitCode = 1;
}
