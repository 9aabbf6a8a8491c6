import { writeFile } from "node:fs/promises";
import { runProgram } from "../asyncio/index.ts";
import { codeOf } from "../base/error-code.ts";
import type { Pottle } from "../web/index.ts";
import { openapi as makeDocument, openapiOptionsOf } from "../web/openapi/index.ts";
import { LoadError, UsageError, WriteError } from "./errors.ts";
import { loadApplication } from "./loading/load-application.ts";
import { parseOptions } from "./parse-options.ts";
import { describeThrown } from "./user-frames.ts";

const help = `Usage: pottle openapi FILE[:name] [options]

Prints the OpenAPI document of the application that a file exports, as addOpenapi() serves it.

Options:
  -o, --output FILE      write it to a file
  --title TEXT           the name of the API (default: that of addOpenapi())
  --api-version VERSION  the version of the API (default: that of addOpenapi())
  -h, --help             this text`;

/** A document to make. */
interface Order {
  readonly target: string;
  readonly output: string | undefined;
  readonly title: string | undefined;
  readonly version: string | undefined;
}

/**
 * `pottle openapi`: the OpenAPI document of an application.
 *
 * @returns The exit code: 1 if the application cannot be loaded, or the document cannot be made or written.
 * @throws {UsageError} If the arguments cannot be understood.
 */
export async function openapi(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions(args, {
    output: { type: "string", short: "o" },
    title: { type: "string" },
    "api-version": { type: "string" },
    help: { type: "boolean", short: "h" },
  });
  if (values.help === true) {
    console.log(help);
    return 0;
  }
  const [target, ...others] = positionals;
  if (target === undefined) throw new UsageError("the file of the application is missing: 'pottle openapi app.ts'");
  if (others.length > 0) throw new UsageError(`there is one file, not also '${others.join("', '")}'`);
  const order = { target, output: values.output, title: values.title, version: values["api-version"] };
  try {
    await runProgram(() => writeDocument(order));
    return 0;
  } catch (error) {
    const isPlain = error instanceof LoadError || error instanceof WriteError;
    console.error(isPlain ? error.message : describeThrown(error));
    return 1;
  }
}

async function writeDocument({ target, output, title, version }: Order): Promise<void> {
  const app: Pottle = await loadApplication(target);
  const known = openapiOptionsOf(app);
  const options = {
    ...known,
    title: title ?? known?.title ?? "API",
    version: version ?? known?.version ?? "0.0.0",
    // On standard error, so that the document can be piped.
    onWarning: (message: string) => console.error(`pottle openapi: ${message}`),
  };
  const text = JSON.stringify(await makeDocument(app, options), undefined, 2);
  if (output === undefined) console.log(text);
  else await write(output, `${text}\n`);
}

async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    const options = { cause: error };
    throw new WriteError(`pottle openapi: cannot write '${file}' (${codeOf(error) ?? String(error)})`, options);
  }
}
