import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { codeOf } from "../../base/error-code.ts";
import { UsageError } from "../errors.ts";
import { parseOptions } from "../parse-options.ts";
import { filesOf } from "./files.ts";
import { readVersions } from "./versions.ts";

const help = `Usage: pottle new NAME [options]

Makes the folder NAME with a small application: a page, its test, a lint configuration and a Dockerfile.

  cd NAME && npm install
  npm start      serves it, again after each change
  npm test       runs its test

Options:
  --pottle SPEC   where npm finds Pottle, such as file:../pottle.tgz (default this version)
  -h, --help      this text`;

// As npm allows names of packages; a dot or underscore must not be first.
const packageName = /^[a-z0-9][a-z0-9._-]{0,213}$/;
const taken = new Set(["node_modules", "pottle", "node", "oxlint", "typescript"]);

/**
 * `pottle new`: makes a small application.
 *
 * @returns The exit code: 1 if the folder is there already, or cannot be written.
 * @throws {UsageError} If the arguments cannot be understood.
 */
export async function newApplication(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions(args, {
    pottle: { type: "string" },
    help: { type: "boolean", short: "h" },
  });
  if (values.help === true) {
    console.log(help);
    return 0;
  }
  const name = checkName(positionals);
  const versions = readVersions();
  const { pottle = `^${versions.pottle}` } = values;
  const folder = resolve(name);
  if (existsSync(folder)) return refuse(`Cannot make '${name}' as there is a file or a folder of that name: ${folder}`);
  try {
    await mkdir(folder);
  } catch (error) {
    return refuse(unwritable(name, folder, error));
  }
  try {
    await writeFiles(folder, filesOf(name, { ...versions, pottle }));
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    return refuse(unwritable(name, folder, error));
  }
  console.log(`Made ${name}. Now:\n\n  cd ${name}\n  npm install\n  npm start\n\n'npm test' runs its test.`);
  return 0;
}

function checkName([name, ...others]: readonly string[]): string {
  if (name === undefined) throw new UsageError("the name of the application is missing");
  if (others.length > 0) throw new UsageError(`there is one name, not also '${others.join("', '")}'`);
  if (!packageName.test(name))
    throw new UsageError(`a name must be lower-case letters, digits, '-', '_' and '.', as npm wants it, not '${name}'`);
  if (taken.has(name)) throw new UsageError(`the name '${name}' is that of a package which the application needs`);
  return name;
}

async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { flag: "wx" });
  }
}

function unwritable(name: string, folder: string, error: unknown): string {
  return `Cannot make '${name}' as its files cannot be written: ${codeOf(error) ?? String(error)} in ${folder}`;
}

function refuse(text: string): number {
  console.error(text);
  return 1;
}
