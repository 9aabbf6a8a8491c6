/** The server cannot listen where it should. */
export class ListenError extends Error {
  override readonly name = "ListenError";
  /** The system's code: `EADDRINUSE` if the port is taken, `EACCES` if it is not allowed. */
  readonly code: string;

  constructor(host: string, port: number, cause: NodeJS.ErrnoException) {
    super(`Cannot listen on ${host} as ${describe(cause)}: current port is ${port}`, { cause });
    this.code = cause.code ?? "UNKNOWN";
  }
}

function describe(cause: NodeJS.ErrnoException): string {
  if (cause.code === "EADDRINUSE") return "the port is in use";
  if (cause.code === "EACCES") return "the port needs more rights than this process has";
  if (cause.code === "EADDRNOTAVAIL") return "this machine does not have that address";
  return `the system refuses it (${cause.message})`;
}
