import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Event, type ExitSignal, moveOnAfter, outside } from "../../asyncio/index.ts";
import { isReloadMessage, type Orders, type ReloadMessage, reloadVariable } from "./messages.ts";

const command: string = fileURLToPath(new URL("../../../bin/pottle.cjs", import.meta.url));

/** How long the process may take to answer a signal, in milliseconds, before its event loop counts as blocked. */
const answerTimeout = 2_000;

/** How long a process that has answered is given to end, in milliseconds, before it is killed. */
const stopTimeout = 8_000;

/** The descriptor of the first socket in the process, after the three standard ones and the channel. */
const firstSocket = 4;

/** How a process ended: with an exit code, or by a signal. */
export type Ending = number | NodeJS.Signals;

/** The receiver of the messages and of the end of an application's process. */
export interface ProcessHost {
  /** Called for each message. */
  readonly onMessage: (message: ReloadMessage) => void;
  /** Called when the process has ended. */
  readonly onEnd: () => void;
}

/** The process in which an application runs. */
export class AppProcess {
  readonly #child: ChildProcess;
  readonly #answered = new Event({ name: "answer of the application" });
  readonly #over = new Event({ name: "application over" });
  readonly #kill = (): void => void this.#child.kill("SIGKILL");
  #ending: Ending | undefined;

  /** Starts the `pottle` command with `args`; its process inherits the sockets that `orders` name. */
  constructor(args: readonly string[], orders: Omit<Orders, "watcher">, { onMessage, onEnd }: ProcessHost) {
    const sockets = orders.sockets.map(([place], index) => [place, firstSocket + index] as const);
    const own: Orders = { ...orders, watcher: process.pid, sockets };
    const env = { ...process.env, [reloadVariable]: JSON.stringify(own) };
    const held = orders.sockets.map(([, fd]) => fd);
    this.#child = outside(() => fork(command, args, { env, stdio: ["inherit", "inherit", "inherit", "ipc", ...held] }));
    // If this process ends at once, as by a second Ctrl+C, so does the application's.
    process.on("exit", this.#kill);
    this.#child.on("message", (message) => {
      if (!isReloadMessage(message)) return;
      if (message.kind === "stopping") this.#answered.set();
      onMessage(message);
    });
    const end = (ending: Ending): void => {
      if (this.#ending !== undefined) return;
      this.#ending = ending;
      process.off("exit", this.#kill);
      this.#answered.set();
      this.#over.set();
      onEnd();
    };
    // "close", not "exit": by then all its messages are here.
    this.#child.once("close", (code, signal) => end(code ?? signal ?? 1));
    this.#child.once("error", (error) => {
      console.error(`Cannot start the application: ${error.message}`);
      end(1);
    });
  }

  /** How it ended; `undefined` as long as it runs. */
  get ending(): Ending | undefined {
    return this.#ending;
  }

  /** Ends the process by a signal, and waits for its end; kills it if it does not answer, or does not end in time. */
  async stop(signal: ExitSignal): Promise<void> {
    if (this.#ending !== undefined) return;
    this.#child.kill(signal);
    await moveOnAfter(answerTimeout, () => this.#answered.wait());
    if (!this.#answered.isSet()) return await this.#killAs("does not answer as its event loop is blocked");
    await moveOnAfter(stopTimeout, () => this.#over.wait());
    if (!this.#over.isSet()) await this.#killAs("does not stop");
  }

  async #killAs(reason: string): Promise<void> {
    console.error(`The application ${reason}: killing its process ${this.#child.pid}`);
    this.#kill();
    await this.#over.wait();
  }
}
