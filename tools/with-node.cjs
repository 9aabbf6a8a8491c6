// Runs a tool of this folder on a Node that Pottle supports:  node tools/with-node.cjs tools/ok.ts [arguments]
"use strict";

require("../bin/ensure-node.cjs")(__filename, function () {
  process.argv.splice(1, 1);
  require("./load.cjs");
});
