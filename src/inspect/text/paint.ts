import { styleText } from "node:util";
import type { TaskState } from "../../asyncio/index.ts";

/** The meaning of a piece of text, which determines its colour. */
export type Role = TaskState | "title" | "line" | "faint";

/** A function that marks a piece of text with its role. */
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

/** Leaves the text unchanged. */
export function plain(_role: Role, text: string): string {
  return text;
}

/** Marks text with terminal colours. */
export function colorful(role: Role, text: string): string {
  return role === "waiting" ? text : styleText(styles[role], text, { validateStream: false });
}
