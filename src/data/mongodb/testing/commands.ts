import type { Doc, Engine } from "./_engine.ts";
import { adminCommands } from "./admin-commands.ts";
import { CommandError } from "./command-error.ts";
import type { Cursors } from "./cursors.ts";
import { readCommands } from "./read-commands.ts";
import type { Store } from "./store.ts";
import { largestCommand, type WireRequest } from "./wire.ts";
import { writeCommands } from "./write-commands.ts";

/** @internal The data that a command works on. */
export interface CommandContext {
  readonly engine: Engine;
  readonly store: Store;
  readonly cursors: Cursors;
  /** The name of the database. */
  readonly database: string;
  /** The session that the command belongs to, as text; `undefined` if there is none. */
  readonly session: string | undefined;
}

/** @internal A command: a function from the request to the reply. */
export type Command = (context: CommandContext, command: Doc) => Doc;

const commands: ReadonlyMap<string, Command> = new Map(
  Object.entries({ ...adminCommands, ...readCommands, ...writeCommands }),
);

/** @internal Executes a command. An error becomes a reply, as on a server. */
export function execute(context: Omit<CommandContext, "database" | "session">, request: WireRequest): Doc {
  const { body: command, oversize } = request;
  const name = nameOf(command);
  const database = typeof command["$db"] === "string" ? command["$db"] : "admin";
  const session = "lsid" in command ? context.engine.textOf(command["lsid"]) : undefined;
  try {
    if (oversize !== undefined) throw tooLarge(oversize);
    const run = commands.get(name);
    if (run === undefined) {
      const message = `no such command: '${name}'. This is a test double of MongoDB, which has no transactions, change streams, access control, and few commands: use a real server`;
      throw new CommandError("CommandNotFound", message);
    }
    return run({ ...context, database, session }, command);
  } catch (error) {
    return errorReply(error);
  }
}

/** @internal The name of a command, which is the name of its first field. */
export function nameOf(command: Doc): string {
  return Object.keys(command)[0] ?? "";
}

function tooLarge(size: number): CommandError {
  const message = `BSONObj size: ${size} is invalid. Size must be between 0 and ${largestCommand}(16MB)`;
  return new CommandError("BSONObjectTooLarge", message);
}

// mingo throws if it does not know an operator. A server may know it.
function errorReply(error: unknown): Doc {
  const hint = "This is a test double of MongoDB, which knows less than a real server";
  const known =
    error instanceof CommandError ? error : new CommandError("FailedToParse", `${(error as Error).message}. ${hint}`);
  return { ok: 0, errmsg: known.message, code: known.code, codeName: known.codeName };
}
