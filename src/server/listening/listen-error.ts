import { socketPathOf } from "./unix-socket.ts";

/** The server cannot listen where it should. */
export class ListenError extends Error {
  override readonly name = "ListenError";
  /** The system's code: `EADDRINUSE` if the port is taken, `EACCES` if it is not allowed. */
  readonly code: string;

  constructor(host: string, port: number, cause: NodeJS.ErrnoException) {
    super(socketPathOf(host) === undefined ? ofPort(host, port, cause) : ofSocket(host, cause), { cause });
    this.code = cause.code ?? "UNKNOWN";
  }
}

function ofPort(host: string, port: number, cause: NodeJS.ErrnoException): string {
  return `Cannot listen on ${host} as ${describe(cause)}: current port is ${port}`;
}

function ofSocket(host: string, cause: NodeJS.ErrnoException): string {
  const reason = socketReasons[cause.code ?? ""] ?? `the system refuses it (${cause.message})`;
  return `Cannot listen on ${host} as ${reason}`;
}

const socketReasons: Readonly<Record<string, string>> = {
  EADDRINUSE: "another program listens there, or the file is not a socket",
  EACCES: "its directory does not exist, or this process may not write there",
  EINVAL: "the path is too long: a socket's has at most about 100 characters",
};

function describe(cause: NodeJS.ErrnoException): string {
  if (cause.code === "EADDRINUSE") return "the port is in use";
  if (cause.code === "EACCES") return "the port needs more rights than this process has";
  if (cause.code === "ENOTFOUND") return "there is no such host";
  if (cause.code === "EADDRNOTAVAIL") return "this machine does not have that address";
  return `the system refuses it (${cause.message})`;
}
