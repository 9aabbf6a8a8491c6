import { TerminalKeys } from "./terminal-keys.ts";

const tasksShown = 200;

/**
 * Prints the tree of tasks whenever `t` is typed at the terminal of a server, until it is disposed. Without a terminal it
 * does nothing; where the program reads the terminal itself, it says so once.
 */
export function watchTreeKey(): TerminalKeys {
  const print = (): void => void printTree();
  return new TerminalKeys({ keys: { t: print, T: print }, onConflict: sayConflict });
}

// Loaded now: most servers never show it.
async function printTree(): Promise<void> {
  const { formatSnapshot, takeSnapshot } = await import("../inspect/index.ts");
  console.log(`\n${formatSnapshot(takeSnapshot({ limit: tasksShown }), { colors: process.stdout.hasColors() })}\n`);
}

function sayConflict(): void {
  console.error(
    `The program reads the terminal itself, so the key 't' does not print the tree of tasks: 'pottle pstree ${process.pid}' does`,
  );
}
