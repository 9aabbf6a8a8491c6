import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { codeOf } from "../../base/error-code.ts";

/** Says that the file for the process id cannot be written. */
export class PidFileError extends Error {
  override readonly name = "PidFileError";

  constructor(path: string, cause: unknown) {
    super(`Cannot write the process id to '${path}' as ${describe(cause)}`, { cause });
  }
}

/** A file that holds the id of this process until it is disposed, or until the process ends. */
export class PidFile implements Disposable {
  readonly #path: string;
  readonly #exited = (): void => this.#remove();

  /** @throws {PidFileError} If the file cannot be written. */
  constructor(path: string) {
    this.#path = path;
    try {
      writeFileSync(path, `${process.pid}\n`);
    } catch (error) {
      throw new PidFileError(path, error);
    }
    process.on("exit", this.#exited);
  }

  /** Removes the file, unless another process has written its own id to it, or has removed it. */
  [Symbol.dispose](): void {
    process.off("exit", this.#exited);
    this.#remove();
  }

  #remove(): void {
    try {
      if (readFileSync(this.#path, "utf8") === `${process.pid}\n`) rmSync(this.#path);
    } catch (error) {
      if (codeOf(error) === "ENOENT") return;
      console.error(`Cannot remove the file of the process id '${this.#path}': ${(error as Error).message}`);
    }
  }
}

function describe(cause: unknown): string {
  const code = codeOf(cause);
  if (code === "ENOENT") return "its folder does not exist";
  if (code === "EACCES" || code === "EROFS") return "this process may not write there";
  if (code === "EISDIR") return "it is a folder";
  return `the system refuses it (${(cause as Error).message})`;
}
