import type { OptionTable } from "./option-table.ts";

/** A table with an option of each kind. */
export const someOptions = {
  port: { kind: "count", for: "server", does: "a port", default: "5000", to: 65_535 },
  workers: { kind: "count", for: "command", does: "a number without an end", default: "1", from: 1, infinity: true },
  drainTimeout: { kind: "time", for: "server", does: "a time", default: "5s" },
  readTimeout: {
    kind: "time",
    for: "server",
    does: "a limit",
    default: "30s",
    above: 0,
    infinity: true,
    atMost: "wholeTimeout",
  },
  wholeTimeout: { kind: "time", for: "server", does: "another limit", default: "5m", above: 0, infinity: true },
  bodyBuffer: { kind: "bytes", for: "server", does: "a size", default: "2MiB", from: 1 },
  host: { kind: "text", for: "server", does: "a text", refused: { "unix:": "the path is missing" } },
  trusted: { kind: "list", for: "server", does: "a list" },
  log: { kind: "choice", for: "command", does: "a choice", default: "text", choices: ["text", "json"] },
  reload: { kind: "flag", for: "command", does: "a flag", default: "false" },
  debug: { kind: "flag", for: "command", does: "another flag", default: "false", anyText: true },
} as const;

// Each entry is one that the readers understand.
someOptions satisfies OptionTable;
