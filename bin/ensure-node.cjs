// Makes sure that a script runs on a Node that Pottle supports. Written for any Node, however old:
// no syntax and no function younger than Node 4.
//
//   running Node new enough            → go on in this process
//   else the package `node` is beside  → run the script again on that one, as a child
//   else                               → two lines that say what is needed, exit code 1
"use strict";

var fs = require("fs");
var path = require("path");

var FORWARDED = ["SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR2"];

/**
 * Calls `start` if the running Node is new enough, else runs `script` again on one that is.
 *
 * @param {string} script The file to run again, with the arguments of this process.
 * @param {(load: Function) => void} start Called when the running Node will do, with the function of load.cjs.
 */
function ensureNode(script, start) {
  var needed = neededMajor();
  if (majorOf(process.versions.node) >= needed) return start(require("./load.cjs"));

  var found = findNode([process.cwd(), path.dirname(__dirname)], needed);
  if (found.program) return runAgain(found.program, script);

  console.error(explain(needed, found.empty));
  process.exitCode = 1;
}

function neededMajor() {
  var manifest = JSON.parse(fs.readFileSync(path.join(__dirname, "..", "package.json"), "utf8"));
  return majorOf(manifest.engines.node.replace(/^\D+/, ""));
}

function majorOf(version) {
  return parseInt(version, 10);
}

/**
 * Looks in every folder upwards of `starts` for the package `node`.
 * `program` is the first that is new enough; `empty` the folder of one that was installed without its program.
 */
function findNode(starts, needed) {
  var found = { program: null, empty: null };
  starts.forEach(function (start) {
    foldersUpwards(start).forEach(function (folder) {
      var home = path.join(folder, "node_modules", "node");
      var version = versionOf(home);
      if (found.program || version === null || majorOf(version) < needed) return;
      var program = path.join(home, "bin", process.platform === "win32" ? "node.exe" : "node");
      if (fs.existsSync(program)) found.program = program;
      else found.empty = found.empty || folder;
    });
  });
  return found;
}

function foldersUpwards(start) {
  var folders = [start];
  var parent = path.dirname(start);
  while (parent !== folders[folders.length - 1]) {
    folders.push(parent);
    parent = path.dirname(parent);
  }
  return folders;
}

function versionOf(home) {
  try {
    return JSON.parse(fs.readFileSync(path.join(home, "package.json"), "utf8")).version;
  } catch (error) {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
    throw error;
  }
}

function runAgain(program, script) {
  // Before the child is there: a signal that comes in between would end this process and leave the child.
  var running = { child: null };
  var handlers = forwardSignals(running);
  // Loaded here only: it costs every start of a Node that will do.
  var child = require("child_process").spawn(program, [script].concat(process.argv.slice(2)), { stdio: "inherit" });
  running.child = child;
  child.on("error", function (error) {
    stopForwarding(handlers);
    console.error("Cannot start " + program + ": " + error.message);
    process.exitCode = 1;
  });
  child.on("exit", function (code, signal) {
    stopForwarding(handlers);
    // End as the child did, so that whoever waits for us sees what happened to it.
    if (signal) process.kill(process.pid, signal);
    else process.exit(code);
  });
}

function forwardSignals(running) {
  var handlers = {};
  FORWARDED.forEach(function (signal) {
    handlers[signal] = function () {
      running.child.kill(signal);
    };
  });
  // A terminal sends Ctrl+C to the child as well; a second one would end it without its clean-up.
  handlers.SIGINT = function () {
    if (!process.stdin.isTTY) running.child.kill("SIGINT");
  };
  Object.keys(handlers).forEach(function (signal) {
    process.on(signal, handlers[signal]);
  });
  return handlers;
}

function stopForwarding(handlers) {
  Object.keys(handlers).forEach(function (signal) {
    process.removeListener(signal, handlers[signal]);
  });
}

function explain(needed, empty) {
  var problem =
    "Pottle needs Node.js " +
    needed +
    " or newer: this is Node.js " +
    process.versions.node +
    " (" +
    process.execPath +
    ").";
  var remedy = empty
    ? 'The package "node" lies in ' +
      empty +
      ' without its program, as install scripts are off: run "npm rebuild node --ignore-scripts=false" there.'
    : 'Install one from https://nodejs.org, or put one beside your project: run "npm install --save-dev node".';
  return problem + "\n" + remedy;
}

module.exports = ensureNode;
