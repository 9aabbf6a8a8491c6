/** The file of a log cannot be opened. */
export class LogOpenError extends Error {
  override readonly name = "LogOpenError";
  /** The path of the file. */
  readonly path: string;
  /** The system's code: `EACCES` if this process may not write there, `ENOENT` if there is no such folder. */
  readonly code: string;

  constructor(path: string, cause: NodeJS.ErrnoException) {
    const code = cause.code ?? "UNKNOWN";
    super(`Cannot open the log '${path}' as ${reasons[code] ?? `the system refuses it (${cause.message})`}`, { cause });
    this.path = path;
    this.code = code;
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "this process may not write there",
  EISDIR: "it is a folder",
  ENOENT: "its folder does not exist",
  ENXIO: "it is a pipe that nothing reads",
};
