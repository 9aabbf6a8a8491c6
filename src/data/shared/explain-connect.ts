/** The usual reasons for a failed connection, in words, by the system's error code. */
const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there (ECONNREFUSED): is the server running?",
  ENOENT: "there is no such socket (ENOENT): is the server running?",
  ENOTFOUND: "there is no such host (ENOTFOUND)",
  EPIPE: "the server closed the connection (EPIPE)",
  ECONNRESET: "the server closed the connection (ECONNRESET)",
};

/** @internal The reason for a failed connection, in words; `undefined` for any other code. */
export function explainConnect(code: string | undefined): string | undefined {
  return code !== undefined && Object.hasOwn(reasons, code) ? reasons[code] : undefined;
}
