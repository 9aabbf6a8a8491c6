// For the tests of reload: an application in a folder of its own, run by real processes.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { pottle, Program, type ProgramOptions } from "../../../examples/_program.ts";

const repository = join(import.meta.dirname, "..", "..", "..");
const name = "pottle";

/** The application of a {@link Project}. */
export const app: string = `
import { Pottle } from "${name}";
import { sleep } from "${name}/asyncio";
import { text } from "./text.ts";
const app = new Pottle(import.meta);
app.get("/", () => text);
app.get("/pid", () => String(process.pid));
app.get("/slow", () => sleep(60_000, ""));
app.get("/blocks", () => { console.log("blocking", process.pid); for (;;); });
app.get("/exit/<int:code>", ({ code }) => process.exit(code));
app.onStop(() => console.log("stopped"));
export default app;
`;

/** An application in a folder of its own, within the package so that it can import it by name. */
export class Project {
  readonly folder: string;
  readonly #context: TestContext;

  constructor(context: TestContext) {
    this.#context = context;
    mkdirSync(join(repository, ".pottle"), { recursive: true });
    this.folder = mkdtempSync(join(repository, ".pottle", "reload-"));
    context.after(() => rmSync(this.folder, { recursive: true }));
    this.write("app.ts", app);
    this.write("text.ts", textFile("one"));
  }

  /** Writes a file. */
  write(file: string, code: string): void {
    writeFileSync(join(this.folder, file), code);
  }

  /** Runs the application, on any free port if no other place is given. */
  run(args: readonly string[] = ["--port", "0"], options: Omit<ProgramOptions, "cwd"> = {}): Program {
    const all = [pottle, "run", "app.ts", "--reload", ...args];
    return new Program(this.#context, all, { ...options, cwd: this.folder });
  }
}

/** The file with the text that the application answers with. */
export function textFile(text: string): string {
  return `export const text: string = "${text}";\n`;
}

/** A program that waits for a change waits for ever. */
export const bounded = { timeout: 60_000 } as const;

/** The line that is printed once the application is served on a port, with its URL. */
export const serving: RegExp = /Serving app\.ts .* on (http:\/\/127\.0\.0\.1:\d+)\n/;
