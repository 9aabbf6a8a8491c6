/** @internal The error of a command, as the server would report it. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  /** The server's code for the error. */
  readonly code: number;
  /** The server's name for the error. */
  readonly codeName: string;

  constructor(codeName: keyof typeof codes, message: string) {
    super(message);
    this.code = codes[codeName];
    this.codeName = codeName;
  }
}

const codes = {
  BadValue: 2,
  FailedToParse: 9,
  TypeMismatch: 14,
  IllegalOperation: 20,
  NamespaceNotFound: 26,
  PathNotViable: 28,
  CursorNotFound: 43,
  CommandNotFound: 59,
  ImmutableField: 66,
  CommandNotSupported: 115,
  BSONObjectTooLarge: 10_334,
  DuplicateKey: 11_000,
  ResultTooLarge: 17_419,
} as const;

/** @internal The error for a feature of a server that the double lacks. */
export function unsupported(what: string): CommandError {
  return new CommandError(
    "CommandNotSupported",
    `This is a test double of MongoDB, which has no ${what}: use a real server`,
  );
}
