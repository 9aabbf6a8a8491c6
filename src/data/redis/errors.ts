// The errors of Redis. A mistake of the caller is a TypeError, RangeError or InvalidStateError.
//
//   Error
//   └─ RedisError
//      ├─ RedisConnectError      no server answers, it refuses the user, or it is not Redis
//      ├─ RedisConnectionLost    the connection broke while a reply was awaited
//      ├─ RedisReplyError        the server refused a command; `code` has the reason
//      └─ RedisBatchError        commands of a pipeline or a transaction failed

/** The base class of all errors of Redis. */
export class RedisError extends Error {
  override readonly name: string = "RedisError";
}

/**
 * Thrown when a connection cannot be opened. The message contains the server and the reason, but never the password.
 */
export class RedisConnectError extends RedisError {
  override readonly name = "RedisConnectError";
  /** The server: `host:port`, or the path of a Unix socket. */
  readonly address: string;
  /** The error code of the system or the server: `ECONNREFUSED`, `WRONGPASS`; `undefined` if there is none. */
  readonly code: string | undefined;

  constructor(address: string, reason: string, code: string | undefined, options?: ErrorOptions) {
    super(`Cannot connect to Redis at ${address} as ${reason}`, options);
    this.address = address;
    this.code = code;
  }
}

/**
 * Thrown when the connection broke or fell silent before the reply arrived. The command may or may not have been
 * executed, so it is not sent again. The next command opens a new connection.
 */
export class RedisConnectionLost extends RedisError {
  override readonly name = "RedisConnectionLost";
  /** The command without a reply. */
  readonly command: string;

  constructor(command: string, address: string, options: ErrorOptions & { readonly detail?: string | undefined } = {}) {
    const { detail, ...rest } = options;
    const message = `Cannot finish ${command} as the connection to Redis at ${address} was lost`;
    super(detail === undefined ? message : `${message}: ${detail}`, rest);
    this.command = command;
  }
}

/** Thrown when the server answers a command with an error. */
export class RedisReplyError extends RedisError {
  override readonly name = "RedisReplyError";
  /** The command. */
  readonly command: string;
  /** The first word of the server's answer: `WRONGTYPE`, `NOSCRIPT`, `OOM`, `ERR`. */
  readonly code: string;

  constructor(command: string, answer: string) {
    super(`Cannot execute ${command} as Redis refuses it: ${answer}`);
    this.command = command;
    this.code = /^[A-Z]+\b/.exec(answer)?.[0] ?? "ERR";
  }
}

/** Thrown when commands of a pipeline failed, or a transaction was not executed. */
export class RedisBatchError extends RedisError {
  override readonly name = "RedisBatchError";
  /** The reply to each command, or the error that it failed with. */
  readonly replies: readonly unknown[];

  constructor(action: string, replies: readonly unknown[]) {
    const errors = replies.filter((reply) => reply instanceof Error);
    const count = `${errors.length} of ${replies.length} commands failed`;
    super(`Cannot ${action} as ${count}: ${errors[0]?.message ?? "unknown"}`, { cause: errors[0] });
    this.replies = replies;
  }
}
