// Loaded by with-node.cjs once the running Node is new enough: takes the tool named first on the command line.
"use strict";

const { resolve } = require("node:path");
const { pathToFileURL } = require("node:url");

process.argv[1] = resolve(process.argv[1]);
import(pathToFileURL(process.argv[1])).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
