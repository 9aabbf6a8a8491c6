import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { isCancelled } from "../../asyncio/index.ts";
import { describeError, describeValue } from "./describe.ts";
import type { Prompt } from "./prompt.ts";
import type { LineOutcome, Session } from "./session.ts";

/** Reads inputs at a prompt, runs them in a session and shows the results, until the end. */
export class Conversation {
  readonly #prompt: Prompt;
  readonly #session: Session;
  readonly #output: Console;
  #input = "";

  constructor(prompt: Prompt, session: Session, output: Console) {
    this.#prompt = prompt;
    this.#session = session;
    this.#output = output;
  }

  /**
   * Runs a file as if it had been typed, but without showing its value. Its errors are shown.
   *
   * @returns The exit code, if it called `exit()`.
   */
  async runFile(file: string): Promise<number | undefined> {
    const path = resolve(file);
    try {
      const outcome = await this.#session.execute(readFileSync(path, "utf8"), path);
      if (outcome.kind === "error") this.#prompt.report(`The startup file ${file} fails:`);
      return this.#show(outcome.kind === "value" ? { kind: "done" } : outcome, true);
    } catch (error) {
      if (isCancelled(error)) throw error;
      this.#prompt.report(`Cannot run the startup file ${file}: ${(error as Error).message}`);
      return undefined;
    }
  }

  /** Goes on until the end. Returns the exit code. */
  async run(): Promise<number> {
    for (;;) {
      const event = await this.#prompt.read(this.#input === "" ? ">>> " : "... ");
      if (event === undefined) return this.#end();
      if (event.kind === "interrupt") this.#input = "";
      else {
        const code = await this.#line(event.text);
        if (code !== undefined) return code;
      }
    }
  }

  /** Shows an error that does not belong to a line. */
  reportError(error: unknown): void {
    this.#prompt.report(describeError(error, this.#prompt.isTerminal));
  }

  async #line(text: string): Promise<number | undefined> {
    if (this.#input === "" && text.trim() === ".exit") return 0;
    const input = this.#input === "" ? text : `${this.#input}\n${text}`;
    this.#input = "";
    if (input.trim() === "") return undefined;
    const outcome = await this.#session.execute(input);
    if (outcome.kind === "incomplete") this.#input = input;
    return this.#show(outcome, false);
  }

  /** The input has ended. An incomplete input is an error then. */
  #end(): number {
    if (this.#prompt.isTerminal) this.#output.log();
    if (this.#input !== "") this.#show({ kind: "incomplete" }, true);
    return 0;
  }

  #show(outcome: LineOutcome, isWhole: boolean): number | undefined {
    const colors = this.#prompt.isTerminal;
    if (outcome.kind === "exit") return outcome.code;
    if (outcome.kind === "value" && outcome.value !== undefined) this.#output.log(describeValue(outcome.value, colors));
    if (outcome.kind === "interrupted") this.#output.error("KeyboardInterrupt");
    if (outcome.kind === "error") this.#output.error(describeError(outcome.error, colors));
    if (outcome.kind === "incomplete" && isWhole) this.#output.error("Uncaught SyntaxError: Unexpected end of input");
    return undefined;
  }
}
