// Single keys at the terminal of a server. They arrive before Enter only in raw mode, in which the terminal no longer makes
// signals of Ctrl+C and the like: they are made here then, so that nothing else changes. As soon as the program itself
// reads the terminal, the terminal is given back to it.

import { readFileSync } from "node:fs";
import type { ReadStream } from "node:tty";

/** The action of a key. */
export type KeyAction = () => void;

/** How keys are watched. */
export interface TerminalKeysOptions {
  /** The action of each key. */
  readonly keys: Readonly<Record<string, KeyAction>>;
  /** Called if the program reads the terminal itself, so that keys are no longer watched. */
  readonly onConflict: () => void;
}

const interrupt = "\u0003";
const suspend = "\u001a";
const signals: Readonly<Record<string, NodeJS.Signals>> = { [interrupt]: "SIGINT", "\u001c": "SIGQUIT" };
const reading: ReadonlySet<unknown> = new Set(["data", "readable", "keypress"]);

/** Watches for keys at the terminal until it is disposed; does nothing where there is none. */
export class TerminalKeys implements Disposable {
  readonly #input: ReadStream = process.stdin;
  readonly #options: TerminalKeysOptions;
  #isWatching = false;
  #isRaw = false;
  readonly #typed = (text: Buffer): void => this.#read(text.toString("latin1"));
  readonly #listened = (event: unknown): void => this.#shared(event);
  readonly #continued = (): void => this.#takeTerminal();
  readonly #exited = (): void => this.#giveTerminal();

  constructor(options: TerminalKeysOptions) {
    this.#options = options;
    if (!this.#input.isTTY || !process.stdout.isTTY) return;
    if (this.#input.isRaw || [...reading].some((event) => this.#input.listenerCount(event as string) > 0)) {
      options.onConflict();
      return;
    }
    this.#isWatching = true;
    process.on("SIGCONT", this.#continued);
    process.on("exit", this.#exited);
    this.#takeTerminal();
  }

  /** Whether keys are watched. */
  get isWatching(): boolean {
    return this.#isWatching;
  }

  /** Ends the watch and restores the mode of the terminal. */
  [Symbol.dispose](): void {
    if (!this.#isWatching) return;
    this.#isWatching = false;
    process.off("SIGCONT", this.#continued);
    process.off("exit", this.#exited);
    this.#giveTerminal();
  }

  // A paused stream would stay paused, and its new reader expects it to flow.
  #handOver(): void {
    this.#input.resume();
    this.#input.ref();
  }

  // A process in the background that touches the terminal is stopped.
  #takeTerminal(): void {
    if (this.#isRaw || !isInForeground()) return;
    this.#isRaw = true;
    this.#input.setRawMode(true);
    this.#input.on("data", this.#typed);
    this.#input.on("newListener", this.#listened);
    this.#input.unref();
  }

  #giveTerminal(): void {
    if (!this.#isRaw) return;
    this.#isRaw = false;
    this.#input.off("newListener", this.#listened);
    this.#input.off("data", this.#typed);
    this.#input.pause();
    this.#input.setRawMode(false);
  }

  #shared(event: unknown): void {
    if (!reading.has(event)) return;
    this[Symbol.dispose]();
    this.#handOver();
    this.#options.onConflict();
  }

  #read(text: string): void {
    for (const key of text) {
      const signal = signals[key];
      // To all that the terminal would have sent it to.
      if (signal !== undefined) process.kill(0, signal);
      else if (key === suspend) this.#suspend();
      else if (key === "\r") process.stdout.write("\n");
      else if (Object.hasOwn(this.#options.keys, key)) this.#options.keys[key]!();
    }
  }

  #suspend(): void {
    this.#giveTerminal();
    process.kill(0, "SIGTSTP");
  }
}

function isInForeground(): boolean {
  if (process.platform !== "linux") return true;
  const text = readFileSync("/proc/self/stat", "utf8");
  // After the name in brackets: state, parent, process group, session, terminal, process group in the foreground.
  const [, , group, , , foreground] = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return group === foreground;
}
