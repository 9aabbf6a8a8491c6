// `pottle run --workers n` is n + 1 processes: this one, the primary, which owns the sockets and knows nothing of the
// application, and n workers, which run it.
//
//     primary ── worker 1 listens ── the others are started ── all listen ── wait ── stop
//                     │                                          │           │
//                     └── cannot: its error, and the end         │           ├── one ends: another takes its place
//                                                                │           ├── SIGHUP: each is replaced in turn
//                                                                │           ├── SIGUSR2: each opens its log files anew
//                                                                │           └── one has served its requests: so is it
//                                                                └── the one line that says where
//
// The first worker is started alone, so that an application that cannot start says so once; nor are several started at
// once when none listens: a socket exists as long as a worker holds it, and the first to ask makes it.
//
// The workers do not depend on this process: they drain by themselves when the channel to the primary closes. Requests to
// them are sent over that channel and not by signals, which a terminal or a service manager may send them as well.

import {
  currentTask,
  exitCodes,
  type ExitSignal,
  exitSignalOf,
  gather,
  Lock,
  Queue,
  taskGroup,
} from "../../asyncio/index.ts";
import { hasTerminal } from "./has-terminal.ts";
import { PidFile, PidFileError } from "./pid-file.ts";
import { prepareWorkers, type WorkerPlace, WorkerProcess } from "./worker-process.ts";
import type { WorkerSettings } from "./worker-settings.ts";
import { WorkerSlot } from "./worker-slot.ts";

/** The application to run, and by how many processes. */
export interface PoolSettings extends WorkerSettings {
  /** The application, as it is named in the line that says where it is served. */
  readonly target: string;
  /** The arguments of `pottle` that run the application. */
  readonly args: readonly string[];
  /** The port to ask for: 0 for any, and for a socket, which has none. */
  readonly port: number;
}

/** Something to do, one after the other. */
type Order =
  | { readonly kind: "roll" }
  | { readonly kind: "renew"; readonly worker: WorkerProcess; readonly why: string };

/**
 * Runs an application by several processes, until a signal ends this one.
 *
 * @returns The exit code: 0 after SIGTERM, 143 if that came before all workers listened, 130 after Ctrl+C, 1 if the
 * application cannot be served, or a worker failed as it stopped.
 */
export async function runWorkers(settings: PoolSettings): Promise<number> {
  using pool = new WorkerPool(settings);
  try {
    return await pool.run();
  } catch (error) {
    const signal = exitSignalOf(error);
    if (signal === undefined) throw error;
    // The workers have all the time that their drain takes. A second signal ends this process, and with it them.
    currentTask()!.uncancel();
    return await pool.stop(signal);
  }
}

class WorkerPool implements Disposable {
  readonly #settings: PoolSettings;
  readonly #workers = new Set<WorkerProcess>();
  readonly #slots: readonly WorkerSlot[];
  readonly #orders = new Queue<Order>(Infinity, { name: "orders for the workers" });
  /** Held while a worker is started that would be the only one. */
  readonly #turn = new Lock({ name: "start of the first worker" });
  readonly #hadTerminal: boolean = hasTerminal();
  #pidFile: PidFile | undefined;
  /** The port that workers ask for. */
  #port: number;
  /** Where they listen. */
  #place: WorkerPlace | undefined;
  #isServing = false;
  #isRollAsked = false;

  constructor(settings: PoolSettings) {
    this.#settings = settings;
    this.#port = settings.port;
    this.#slots = Array.from(
      { length: settings.count },
      (_, index) => new WorkerSlot(index + 1, (number) => this.#open(number)),
    );
    prepareWorkers(settings);
    process.on("SIGHUP", this.#hungUp).on("SIGUSR2", this.#reopenLogs);
  }

  [Symbol.dispose](): void {
    process.off("SIGHUP", this.#hungUp).off("SIGUSR2", this.#reopenLogs);
    process.off("exit", this.#killAll);
    this.#pidFile?.[Symbol.dispose]();
  }

  async run(): Promise<number> {
    const first = this.#slots[0]!;
    if (!(await first.begin())) return this.#giveUp(first.current!.failure);
    try {
      this.#writePidFile();
    } catch (error) {
      if (!(error instanceof PidFileError)) throw error;
      await this.stop("SIGTERM");
      return this.#giveUp(error.message);
    }
    return await taskGroup(async (group) => {
      for (const [index, slot] of this.#slots.entries())
        group.createTask(() => slot.keep(), { name: `worker ${index + 1}` });
      for (const slot of this.#slots) await slot.filled();
      this.#announce();
      return await this.#obey();
    });
  }

  /** Has all workers stop at once, and waits for their ends. Returns the exit code. */
  async stop(signal: ExitSignal): Promise<number> {
    process.on("exit", this.#killAll);
    const workers = [...this.#workers].filter((worker) => worker.isRunning);
    await gather(...workers.map((worker) => () => worker.stop(signal)));
    if (workers.some(({ ending }) => ending === 1)) return 1;
    return signal === "SIGTERM" && this.#isServing ? 0 : exitCodes[signal];
  }

  async #open(number: number): Promise<WorkerProcess> {
    const worker = await this.#turn.with(async () => {
      const isAlone = !this.#isListening();
      const started = this.#start(number);
      if (isAlone) await started.settled();
      return started;
    });
    await worker.settled();
    this.#place = worker.place ?? this.#place;
    return worker;
  }

  #start(number: number): WorkerProcess {
    // Port 0 is the same one for all that ask for it, until none holds it: from then on it is asked for by its number.
    if (!this.#isListening()) this.#port = this.#place?.port ?? this.#port;
    const onSpent = (spent: WorkerProcess, requests: number): void =>
      this.#orders.putNowait({ kind: "renew", worker: spent, why: `, which has served ${requests} requests` });
    const worker = new WorkerProcess({ number, port: this.#port, onSpent });
    this.#workers.add(worker);
    return worker;
  }

  #isListening(): boolean {
    for (const worker of this.#workers) {
      if (!worker.isRunning) this.#workers.delete(worker);
      else if (worker.isListening) return true;
    }
    return false;
  }

  /** Carries out the orders one by one, so that at most one worker more than configured runs at a time. */
  async #obey(): Promise<never> {
    for (;;) {
      const order = await this.#orders.get();
      if (order.kind === "roll") await this.#roll();
      else await this.#renew(order.worker, order.why);
    }
  }

  async #roll(): Promise<void> {
    // A SIGHUP from now on asks for another roll: files may have changed since.
    this.#isRollAsked = false;
    console.log("SIGHUP: replacing each worker by a new one");
    for (const slot of this.#slots) if (!(await this.#replace(slot, ""))) return;
    console.log("SIGHUP: all workers are replaced");
  }

  async #renew(worker: WorkerProcess, why: string): Promise<void> {
    const slot = this.#slots[worker.number - 1]!;
    // It may have ended, or have been replaced, while it waited for its turn.
    if (slot.current === worker && worker.isListening) await this.#replace(slot, why);
  }

  async #replace(slot: WorkerSlot, why: string): Promise<boolean> {
    const failure = await slot.replace(why);
    if (failure === undefined) return true;
    console.error(`Worker ${slot.number} stays as it is, as a new one could not start:\n${failure}`);
    return false;
  }

  // A terminal whose window is closed sends the same signal. Then the server must end.
  readonly #hungUp = (): void => {
    if (this.#hadTerminal && !hasTerminal()) return void process.emit("SIGTERM", "SIGTERM");
    if (this.#isRollAsked) return;
    this.#isRollAsked = true;
    this.#orders.putNowait({ kind: "roll" });
  };

  readonly #reopenLogs = (): void => {
    for (const worker of this.#workers) worker.reopenLogs();
  };

  readonly #killAll = (): void => {
    for (const worker of this.#workers) worker.kill();
  };

  #writePidFile(): void {
    const { pidFile } = this.#settings;
    if (pidFile !== undefined) this.#pidFile = new PidFile(pidFile);
  }

  #announce(): void {
    const { target, count } = this.#settings;
    const workers = count === 1 ? "1 worker" : `${count} workers`;
    this.#isServing = true;
    console.log(`Serving ${target} with ${workers} (Ctrl+C to stop) on ${this.#place?.url}`);
  }

  #giveUp(reason: string): number {
    console.error(reason);
    return 1;
  }
}
