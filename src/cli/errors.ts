// Errors that a user of the command line can do something about. Only their message is printed.
//
//   Error
//   ├─ UsageError   the command line itself is wrong: exit code 2
//   ├─ LoadError    the file that it names cannot be run: exit code 1
//   ├─ WriteError   a file that it names cannot be written: exit code 1
//   └─ ServeError   the application fails when it is started or stopped: exit code 1

/** Says that the command line cannot be understood. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Says that a file cannot be run as an application; its `cause` is the error that importing the file threw, if any. */
export class LoadError extends Error {
  override readonly name = "LoadError";
}

/** Says that a file cannot be written; its `cause` is the error of the system. */
export class WriteError extends Error {
  override readonly name = "WriteError";
}

/** An application could not be started, or failed as it was stopped; its `cause` is the error that it threw. */
export class ServeError extends Error {
  override readonly name = "ServeError";
}
