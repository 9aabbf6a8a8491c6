import { createInterface, type Interface } from "node:readline";
import { Queue, QueueShutDown } from "../../asyncio/index.ts";
import { appendHistory, historySize, readHistory } from "./history.ts";

/** What happens at a prompt. */
export type PromptEvent =
  /** A line was typed, or read from a pipe. */
  | { readonly kind: "line"; readonly text: string }
  /** Ctrl+C was pressed while a line was being typed. */
  | { readonly kind: "interrupt" };

/** How a prompt is made. */
export interface PromptOptions {
  /** What reports are printed by. */
  readonly output: Console;
  /** Where the lines that are typed at a terminal are kept; `undefined` for nowhere. */
  readonly history: string | undefined;
  /** Completes what is typed; see {@link complete}. */
  readonly complete: (line: string) => [string[], string];
}

/**
 * Asks for lines: at a terminal with editing, history and completion, otherwise as they come and without a word.
 *
 * Between two questions a terminal is left as programs know it: Ctrl+C is a signal then, and typed text waits for the next
 * question.
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

  /** @throws {Error} If there is a history that cannot be read. */
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

  /** Waits for the next thing to happen; `undefined` if that is the end, by Ctrl+D or the end of the pipe. */
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

  /** Prints something on standard error, above what is being typed. */
  report(text: string): void {
    const interrupts = this.isTerminal && this.#asks;
    if (interrupts) process.stdout.write("\r\u001b[K");
    this.#output.error(text);
    if (interrupts) this.#readline.prompt(true);
  }

  /** Gives the terminal back. */
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
    // To the end of the line, and away with all before it.
    this.#readline.write(null, { ctrl: true, name: "e" });
    this.#readline.write(null, { ctrl: true, name: "u" });
    this.#events.putNowait({ kind: "interrupt" });
  }
}
