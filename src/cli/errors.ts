// What a user of the command line can do something about. Its message is all that is printed.
//
//   Error
//   ├─ UsageError   the command line itself is wrong: exit code 2
//   └─ LoadError    the file that it names cannot be run: exit code 1

/** Says that the command line cannot be understood. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Says that a file cannot be run as an application; its `cause` is what the file itself threw, if it did. */
export class LoadError extends Error {
  override readonly name = "LoadError";
}
