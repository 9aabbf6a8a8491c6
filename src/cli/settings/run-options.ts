// All options of `pottle run`. An entry here is the flag, the environment variable, the key in a TOML file, the line of the
// help text, the row in docs/configuration.md (node src/cli/settings/docs-table.fixture.ts --update) and the line of
// --print-config. What is for the server has the name that it has in ServeOptions, and is handed on to `serve()`.

import type { OptionTable } from "./option-table.ts";

/** The options of `pottle run`, in the order in which they are listed. */
export const runOptions = {
  host: {
    kind: "text",
    for: "server",
    label: "HOST",
    does: "the address to listen on; 0.0.0.0 lets other machines in, unix:/path is a socket, which has no port",
    default: "127.0.0.1",
    refused: { "unix:": "the path of the socket is missing" },
  },
  port: {
    kind: "count",
    for: "server",
    label: "PORT",
    does: "the port to listen on; 0 is any that is free",
    default: "5000",
    defaultNote: "or the next free one",
    to: 65_535,
  },
  drainTimeout: {
    kind: "time",
    for: "server",
    does: "how long running requests may go on when the server is stopped; 1s at most after a change, with reload",
    default: "5s",
  },
  cancelGrace: {
    kind: "time",
    for: "server",
    does: "after how long a cancelled request that goes on is cancelled again, and a closing server leaves it",
    default: "3s",
  },
  bodyBuffer: {
    kind: "bytes",
    for: "server",
    does: "how much of a request's body is read before the application asks for it",
    default: "2MiB",
    from: 1,
  },
  keepAliveTimeout: {
    kind: "time",
    for: "server",
    does: "how long a connection without a request is kept",
    default: "5s",
    above: 0,
    infinity: true,
  },
  headersTimeout: {
    kind: "time",
    for: "server",
    does: "how long a client may take to send the head of a request",
    default: "30s",
    above: 0,
    infinity: true,
    atMost: "requestTimeout",
  },
  requestTimeout: {
    kind: "time",
    for: "server",
    does: "how long a client may take to send a whole request",
    default: "5m",
    above: 0,
    infinity: true,
  },
  writeTimeout: {
    kind: "time",
    for: "server",
    does: "how long a client may take nothing of a response that waits to be sent",
    default: "1m",
    above: 0,
    infinity: true,
  },
  reload: {
    kind: "flag",
    for: "command",
    does: "start the application again when one of its files, or the TOML file, changes",
    default: "false",
  },
  debug: {
    kind: "flag",
    for: "command",
    does: "report what goes wrong; any text in POTTLE_DEBUG switches it on",
    default: "false",
    anyText: true,
  },
} as const;

// Each entry is one that the readers understand.
runOptions satisfies OptionTable;

/** The options of `pottle run`, as a type. */
export type RunOptionTable = typeof runOptions;
