// The oldest Node that Pottle supports, for the gate. It is a package of its own, tools/node24, so that only
// those who run the gate download it, and so that its program does not get in the way of the developer's Node.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { isMain, root } from "./_repository.ts";
import { runProcess } from "./_process.ts";

const home = join(root, "tools", "node24");
const program = join(home, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");

/**
 * The path of a Node 24, installed at the first call.
 *
 * @throws {Error} If it cannot be installed; its message is what npm said.
 */
export async function node24(): Promise<string> {
  if (!existsSync(program)) {
    const { output } = await runProcess("npm", ["ci", "--ignore-scripts=false"], { cwd: home });
    if (!existsSync(program)) throw new Error(`Cannot install Node 24 in ${home}: npm said\n${output}`);
  }
  return program;
}

if (isMain(import.meta.url)) console.log(await node24());
