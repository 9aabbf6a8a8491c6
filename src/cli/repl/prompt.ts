import { createInterface, type Interface } from "node:readline";
import { Queue, QueueShutDown } from "../../asyncio/index.ts";
import { appendHistory, historySize, readHistory } from "./history.ts";

/** An event at a prompt. */
export type PromptEvent =
  /** A line was typed, or read from a pipe. */
  | { readonly kind: "line"; readonly text: string }
  /** Ctrl+C was pressed while a line was being typed. */
  | { readonly kind: "interrupt" };

/** The options of a prompt. */
export interface PromptOptions {
  /** The console that prints reports. */
  readonly output: Console;
  /** The file that keeps the lines that are typed at a terminal; `undefined` for none. */
  readonly history: string | undefined;
  /** Completes the text before the cursor; see {@link complete}. */
  readonly complete: (line: string) => [string[], string];
}

/**
 * Reads lines: from a terminal with editing, history and completion, from any other input without a prompt.
 *
 * Between two reads a terminal has its usual mode: Ctrl+C is a signal then, and typed text waits for the next
 * read.
 */
export class Prompt implements Disposable {
  /** Whether the input is a terminal. */
  readonly isTerminal: boolean = process.stdin.isTTY && process.stdout.isTTY;
  readonly #events = new Queue<PromptEvent>(Infinity);
  readonly #readline: Interface;
  readonly #output: Console;
  #history: string | undefined;
  #asks = false;
  #isOver = false;

  /** @throws {Error} If the history exists and cannot be read. */
  constructor({ output, history, complete }: PromptOptions) {
    this.#output = output;
    this.#history = this.isTerminal ? history : undefined;
    this.#readline = createInterface({
      input: process.stdin,
      ...(this.isTerminal && { output: process.stdout, completer: complete }),
      terminal: this.isTerminal,
      history: this.#history === undefined ? [] : readHistory(this.#history),
      historySize,
      removeHistoryDuplicates: true,
    });
    this.#readline.on("line", (text) => this.#entered(text));
    this.#readline.on("SIGINT", () => this.#interrupted());
    this.#readline.on("close", () => this.#closed());
    this.#rest();
  }

  /** Waits for the next event; `undefined` at the end, by Ctrl+D or the end of the pipe. */
  async read(prompt: string): Promise<PromptEvent | undefined> {
    this.#ask(prompt);
    try {
      return await this.#events.get();
    } catch (error) {
      if (error instanceof QueueShutDown) return undefined;
      throw error;
    } finally {
      this.#rest();
    }
  }

  /** Prints a text on standard error, above the line that is being typed. */
  report(text: string): void {
    const interrupts = this.isTerminal && this.#asks;
    if (interrupts) process.stdout.write("\r\u001b[K");
    this.#output.error(text);
    if (interrupts) this.#readline.prompt(true);
  }

  /** Restores the mode of the terminal. */
  [Symbol.dispose](): void {
    this.#readline.close();
  }

  #ask(prompt: string): void {
    if (!this.isTerminal || this.#isOver) return;
    this.#asks = true;
    process.stdin.setRawMode(true);
    this.#readline.setPrompt(prompt);
    this.#readline.prompt();
  }

  #rest(): void {
    this.#asks = false;
    if (!this.isTerminal || this.#isOver) return;
    this.#readline.pause();
    process.stdin.setRawMode(false);
  }

  #entered(text: string): void {
    this.#events.putNowait({ kind: "line", text });
    if (this.#history === undefined || text.trim() === "") return;
    try {
      appendHistory(this.#history, text);
    } catch (error) {
      this.#history = undefined;
      this.report(`Cannot keep the history, so it ends here: ${String(error)}`);
    }
  }

  #closed(): void {
    this.#isOver = true;
    this.#events.shutdown();
  }

  #interrupted(): void {
    process.stdout.write("^C\n");
    // Ctrl+E and Ctrl+U: to the end of the line, and delete all before it.
    this.#readline.write(null, { ctrl: true, name: "e" });
    this.#readline.write(null, { ctrl: true, name: "u" });
    this.#events.putNowait({ kind: "interrupt" });
  }
}
