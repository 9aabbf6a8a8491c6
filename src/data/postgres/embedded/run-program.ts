import { type ChildProcess, spawn } from "node:child_process";
import { type CancelledError, outside, type Park, park } from "../../../asyncio/index.ts";
import { EmbeddedPostgresError } from "../errors.ts";
import { isAlive } from "./postmaster-pid.ts";
import type { User } from "./user.ts";

/** @internal The environment of this process without the variables that PostgreSQL's programs would use as settings. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(PG|NODE_OPTIONS$)/.test(name)));
}

/**
 * @internal Runs a program until it ends.
 *
 * @throws {EmbeddedPostgresError} If the program fails; the message contains its output.
 * @throws {CancelledError} If the call is cancelled; the program has been killed then.
 */
export function runProgram(program: string, args: readonly string[], user: User, cwd: string): Promise<void> {
  let child: ChildProcess | undefined;
  let cancellation: CancelledError | undefined;
  const start = (wait: Park<void>): void => {
    // In a separate process group, so that the processes it starts can be ended together with it.
    const options = { ...user, cwd, env: plainEnvironment(), detached: true } as const;
    child = outside(() => spawn(program, args, options));
    const output = collect(child);
    child.once("error", (error) => wait.fail(failed(program, error.message, error)));
    child.once("close", (code) => {
      if (code === 0 && cancellation === undefined) wait.wake(undefined);
      else wait.fail(cancellation ?? failed(program, output.join("").trim()));
    });
  };
  const onCancel = (error: CancelledError): void => {
    cancellation = error;
    killGroup(child!);
  };
  return park<void>({ kind: "process", name: program }, start, { onCancel });
}

function collect(child: ChildProcess): string[] {
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => output.push(text));
  return output;
}

function killGroup({ pid }: ChildProcess): void {
  if (pid !== undefined && isAlive(pid)) process.kill(-pid, "SIGKILL");
}

function failed(program: string, reason: string, cause?: unknown): EmbeddedPostgresError {
  const options = cause === undefined ? undefined : { cause };
  return new EmbeddedPostgresError(`Cannot start PostgreSQL as ${program} failed: ${reason}`, options);
}
