#!/usr/bin/env node
// The `pottle` command. Written for any Node, however old, as ensure-node.cjs is, so that an old one says which version is
// needed instead of dying of a syntax error.
"use strict";

var fs = require("fs");
var path = require("path");

require("./ensure-node.cjs")(__filename, function (load) {
  var entry = path.join(__dirname, "..", "dist", "cli", "main.js");
  if (!fs.existsSync(entry)) {
    console.error('Cannot start pottle as it has not been built: run "npm run build" in ' + path.dirname(__dirname));
    process.exitCode = 1;
    return;
  }
  // What was compiled once, the application included, is kept beside other temporary files; NODE_DISABLE_COMPILE_CACHE=1
  // turns that off.
  require("module").enableCompileCache();
  load(entry, function (cli) {
    return cli.default(process.argv.slice(2));
  });
});
