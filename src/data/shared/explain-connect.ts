/** What the system calls the usual reasons for which there is no connection, in words. */
const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there (ECONNREFUSED): is the server running?",
  ENOENT: "there is no such socket (ENOENT): is the server running?",
  ENOTFOUND: "there is no such host (ENOTFOUND)",
  EPIPE: "the server closed the connection (EPIPE)",
  ECONNRESET: "the server closed the connection (ECONNRESET)",
};

/** @internal Why a connection could not be made, in words; `undefined` for a code that the system does not have. */
export function explainConnect(code: string | undefined): string | undefined {
  return code !== undefined && Object.hasOwn(reasons, code) ? reasons[code] : undefined;
}
