// Loaded by pottle.cjs once the running Node is known to be new enough.
"use strict";

const { existsSync } = require("node:fs");
const { enableCompileCache } = require("node:module");
const { join } = require("node:path");

const entry = join(__dirname, "..", "dist", "cli", "main.js");

if (existsSync(entry)) {
  // What was compiled once is kept beside other temporary files, also of the application: NODE_DISABLE_COMPILE_CACHE=1
  // turns that off.
  enableCompileCache();
  import("../dist/cli/main.js").then((cli) => cli.default(process.argv.slice(2))).catch(report);
} else {
  report(`Cannot start pottle as it has not been built: run "npm run build" in ${join(__dirname, "..")}`);
}

function report(error) {
  console.error(error);
  process.exitCode = 1;
}
