#!/usr/bin/env node
// The `pottle` command. This file and ensure-node.cjs are written for any Node, however old,
// so that an old one says which version is needed instead of dying of a syntax error.
"use strict";

require("./ensure-node.cjs")(__filename, function () {
  require("./main.cjs");
});
