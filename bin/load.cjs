// Loaded by ensure-node.cjs once the running Node is new enough: an old one cannot parse it.
"use strict";

const { pathToFileURL } = require("node:url");

/**
 * Imports a module, and ends the process with 1 if that fails.
 *
 * @param {string} file The module.
 * @param {(module: object) => unknown} use What to do with it; an error or a rejection counts as a failure.
 */
module.exports = function load(file, use) {
  import(pathToFileURL(file)).then(use).catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
};
