// Runs a tool of this folder on a Node that Pottle supports:  node tools/with-node.cjs tools/ok.ts [arguments]
"use strict";

var path = require("path");

require("../bin/ensure-node.cjs")(__filename, function (load) {
  process.argv.splice(1, 2, path.resolve(process.argv[2]));
  load(process.argv[1]);
});
