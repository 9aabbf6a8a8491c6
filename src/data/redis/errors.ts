// What can go wrong with Redis. What you did wrong yourself is a TypeError, RangeError or InvalidStateError.
//
//   Error
//   └─ RedisError
//      ├─ RedisConnectError      nobody there, not let in, or not a Redis
//      ├─ RedisConnectionLost    the connection broke while a reply was awaited
//      ├─ RedisReplyError        the server refused a command; its `code` says why
//      └─ RedisBatchError        commands of a pipeline or a transaction failed

/** What all errors of Redis have in common. */
export class RedisError extends Error {
  override readonly name: string = "RedisError";
}

/** Says that there is no connection to be had. The message names the server and the reason, never the password. */
export class RedisConnectError extends RedisError {
  override readonly name = "RedisConnectError";
  /** The server: `host:port`, or the path of a unix socket. */
  readonly address: string;
  /** What the system or the server calls it: `ECONNREFUSED`, `WRONGPASS`; `undefined` if neither has a name for it. */
  readonly code: string | undefined;

  constructor(address: string, reason: string, code: string | undefined, options?: ErrorOptions) {
    super(`Cannot connect to Redis at ${address} as ${reason}`, options);
    this.address = address;
    this.code = code;
  }
}

/**
 * Says that the connection broke before the reply had come. The command may or may not have been executed, so nothing
 * is sent a second time on its own. The next command connects anew.
 */
export class RedisConnectionLost extends RedisError {
  override readonly name = "RedisConnectionLost";
  /** The command whose reply is missing. */
  readonly command: string;

  constructor(command: string, address: string, options?: ErrorOptions) {
    super(`Cannot finish ${command} as the connection to Redis at ${address} was lost`, options);
    this.command = command;
  }
}

/** Says that the server answered a command with an error. */
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

/** Says that some commands of a pipeline, or all of a transaction that was not executed, failed. */
export class RedisBatchError extends RedisError {
  override readonly name = "RedisBatchError";
  /** For each command its reply, or the error it failed with. */
  readonly replies: readonly unknown[];

  constructor(action: string, replies: readonly unknown[]) {
    const errors = replies.filter((reply) => reply instanceof Error);
    const count = `${errors.length} of ${replies.length} commands failed`;
    super(`Cannot ${action} as ${count}: ${errors[0]?.message ?? "unknown"}`, { cause: errors[0] });
    this.replies = replies;
  }
}
