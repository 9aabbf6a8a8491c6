import { styleText } from "node:util";
import type { TaskState } from "../../asyncio/index.ts";

/** What a piece of text is. */
export type Role = TaskState | "title" | "line" | "faint";

/** Marks a piece of text as what it is. */
export type Paint = (role: Role, text: string) => string;

const styles: Readonly<Record<Role, Parameters<typeof styleText>[0]>> = {
  title: "bold",
  line: "dim",
  faint: "dim",
  running: "green",
  waiting: "reset",
  stopping: "yellow",
  stuck: ["bold", "red"],
};

/** Leaves text as it is. */
export function plain(_role: Role, text: string): string {
  return text;
}

/** Marks text by the colours of a terminal. */
export function colorful(role: Role, text: string): string {
  return role === "waiting" ? text : styleText(styles[role], text, { validateStream: false });
}
