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
  bind: {
    kind: "list",
    for: "server",
    label: "PLACE,…",
    does: "all places to listen on, in place of host and port: HOST:PORT, [::]:PORT, unix:PATH, fd://N",
  },
  socketMode: {
    kind: "mode",
    for: "server",
    does: "the rights of a Unix socket, such as 660; without it those that the umask leaves",
  },
  certFile: {
    kind: "text",
    for: "command",
    label: "FILE",
    does: "the certificate, as PEM: then HTTPS is spoken, but at places that begin with http://",
  },
  keyFile: { kind: "text", for: "command", label: "FILE", does: "the key of the certificate, as PEM" },
  caFile: {
    kind: "text",
    for: "command",
    label: "FILE",
    does: "the issuers of certificates that clients must show, as PEM",
  },
  clientCertificate: {
    kind: "choice",
    for: "command",
    label: "HOW",
    choices: ["none", "optional", "required"],
    does: "whether clients show a certificate: none, optional or required; required if there is a ca-file",
  },
  minTlsVersion: {
    kind: "choice",
    for: "command",
    label: "VERSION",
    choices: ["TLSv1.2", "TLSv1.3"],
    does: "the oldest version of TLS that is spoken: TLSv1.2 or TLSv1.3",
    default: "TLSv1.2",
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
  maxRequestLine: {
    kind: "bytes",
    for: "server",
    does: "how long a request line may be; beyond that 414",
    default: "8KiB",
    from: 16,
  },
  maxHeaderSize: {
    kind: "bytes",
    for: "server",
    does: "how large all header lines of a request may be; beyond that 431",
    default: "16KiB",
    from: 16,
  },
  maxHeaderCount: {
    kind: "count",
    for: "server",
    does: "how many header lines a request may have; beyond that 431",
    default: "100",
    from: 1,
  },
  minBodyRate: {
    kind: "bytes",
    for: "server",
    does: "how much of a body a client must send in a second; a slower one gets 408",
    default: "240",
  },
  maxRequestsPerConnection: {
    kind: "count",
    for: "server",
    does: "how many requests a connection serves before it is closed",
    default: "10000",
    from: 1,
    infinity: true,
  },
  maxConnections: {
    kind: "count",
    for: "server",
    does: "how many connections may be open; one more gets 503",
    default: "infinity",
    from: 1,
    infinity: true,
  },
  engine: {
    kind: "choice",
    for: "server",
    choices: ["pottle", "node:http"],
    does: "what speaks HTTP/1.1",
    default: "pottle",
  },
  accessLog: {
    kind: "text",
    for: "command",
    label: "FORMAT",
    does: "the format of the access log: development, combined, hypercorn, json, atoms such as '%(h)s %(U)s', or none",
    default: "development",
  },
  accessLogFile: {
    kind: "text",
    for: "command",
    label: "PATH",
    does: "the file that the access log is written to; without it standard output",
  },
  errorLogFile: {
    kind: "text",
    for: "command",
    label: "PATH",
    does: "the file that errors of the application are written to; without it standard error",
  },
  workers: {
    kind: "text",
    for: "command",
    label: "N",
    does: "serve with N processes, or with auto as many as there are processors",
  },
  maxRequests: {
    kind: "count",
    for: "command",
    does: "replace a worker that has served so many requests",
    default: "infinity",
    from: 1,
    infinity: true,
  },
  maxRequestsJitter: {
    kind: "count",
    for: "command",
    does: "let each worker serve up to so many more, so that they are not replaced together",
    default: "0",
  },
  pidFile: {
    kind: "text",
    for: "command",
    label: "PATH",
    does: "write the process id there while it serves",
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
