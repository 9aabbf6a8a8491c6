import { type ExitSignal, isCancelled, runProgram } from "../asyncio/index.ts";
import { UsageError } from "./errors.ts";
import { parseOptions } from "./parse-options.ts";
import { complete } from "./repl/complete.ts";
import { Conversation } from "./repl/conversation.ts";
import { createDirectConsole } from "./repl/direct-console.ts";
import { hideOwnWarnings } from "./repl/hide-own-warnings.ts";
import { historyFile } from "./repl/history.ts";
import { Prompt } from "./repl/prompt.ts";
import { Session } from "./repl/session.ts";

const help = `Usage: pottle repl [options]

An interactive prompt: TypeScript with top-level await and import. All that pottle/asyncio exports is there by name.

Options:
  --debug        report what goes wrong, as POTTLE_DEBUG=1 does
  -h, --help     this text

Environment:
  POTTLE_STARTUP        a file to run first
  POTTLE_REPL_HISTORY   where typed lines are kept (default ~/.pottle_repl_history; empty for nowhere)`;

const banner = `Pottle on Node ${process.version}: await directly; asyncio's names are there.
Ctrl+C cancels a running line, Ctrl+D or exit() ends.`;

/**
 * `pottle repl`: an interactive prompt. Input that does not come from a terminal is run line by line.
 *
 * @returns The exit code: the argument of `exit()`, else 0; 130 or 143 if a signal ended it.
 * @throws {UsageError} If the arguments cannot be understood.
 */
export async function repl(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions(args, {
    debug: { type: "boolean" },
    help: { type: "boolean", short: "h" },
  });
  if (positionals.length > 0)
    throw new UsageError(`there is nothing to name after it: current value is '${positionals.join(" ")}'`);
  if (values.help === true) {
    console.log(help);
    return 0;
  }
  using prompt = talk();
  const { onSignal, converse: main } = prompt;
  return await runProgram(() => main({}), { onSignal, ...(values.debug === true && { debug: true }) });
}

/** A prompt, before its program has begun. */
export interface Talk extends Disposable {
  /** For `runProgram`: a first SIGINT ends the line that is running. */
  readonly onSignal: (signal: ExitSignal) => "handled" | undefined;
  /** Reads and runs lines until the end. Returns the exit code. */
  readonly converse: (names: Readonly<Record<string, unknown>>) => Promise<number>;
}

/** Prepares a prompt; Pottle's own warnings are hidden until it is disposed. */
export function talk(): Talk {
  const hidden = hideOwnWarnings();
  let session: Session | undefined;
  return {
    onSignal: (signal) => (signal === "SIGINT" && session?.interrupt() === true ? "handled" : undefined),
    converse: (names) => {
      const console = createDirectConsole();
      session = new Session({ console, ...names });
      return converse(session, console);
    },
    [Symbol.dispose]: () => hidden[Symbol.dispose](),
  };
}

async function converse(session: Session, output: Console): Promise<number> {
  using prompt = new Prompt({ output, history: historyFile(), complete: (line) => complete(line, session.names) });
  const conversation = new Conversation(prompt, session, output);
  using _ = reportUnhandled(conversation);
  if (prompt.isTerminal) output.log(banner);
  const startup = process.env["POTTLE_STARTUP"] ?? "";
  const code = startup === "" ? undefined : await conversation.runFile(startup);
  return code ?? (await conversation.run());
}

/** Shows uncaught errors, of timers and forgotten promises, instead of ending the session. */
function reportUnhandled(conversation: Conversation): Disposable {
  const report = (error: unknown): void => {
    // The leftovers of an interrupted line are cancelled, and their promises may be without a waiter.
    if (!isCancelled(error)) conversation.reportError(error);
  };
  process.on("uncaughtException", report);
  process.on("unhandledRejection", report);
  return {
    [Symbol.dispose]: () => {
      process.off("uncaughtException", report);
      process.off("unhandledRejection", report);
    },
  };
}
