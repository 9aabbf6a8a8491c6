import { formatSnapshot, takeSnapshot } from "../inspect/index.ts";
import { TerminalKeys } from "./terminal-keys.ts";

const tasksShown = 200;

/**
 * Has `t`, typed at the terminal of a server, print the tree of tasks, until it is disposed. Without a terminal it does
 * nothing; where the program reads the terminal itself, it says so once.
 */
export function watchTreeKey(): TerminalKeys {
  return new TerminalKeys({ keys: { t: printTree, T: printTree }, onConflict: sayConflict });
}

function printTree(): void {
  console.log(`\n${formatSnapshot(takeSnapshot({ limit: tasksShown }), { colors: process.stdout.hasColors() })}\n`);
}

function sayConflict(): void {
  console.error(
    `The program reads the terminal itself, so the key 't' does not print the tree of tasks: 'pottle pstree ${process.pid}' does`,
  );
}
