// The same API from the other side, typed by its contract.   run it:  node client.ts add "Write a test"
import { parseArgs } from "node:util";
import { typedClient } from "pottle/typed-client";
// Its types alone: no schema is loaded here.
import type { routes, Todo } from "./contract.ts";

const usage = `Usage: node client.ts [--url http://127.0.0.1:5000] COMMAND
  add TITLE [--due 2026-12-24]   adds a todo
  list [--done | --open]         lists the todos
  done ID, remove ID             changes or removes one`;

/** Runs a command; returns what to print. */
async function runCommand(url: string, [command, value = ""]: readonly string[], flags: Flags): Promise<string> {
  const client = typedClient<typeof routes>(url);
  const params = { id: Number(value) };
  if (command === "add") {
    const response = await client.post("/todos", { body: { title: value, due: flags.due ?? null } });
    return response.status === 201
      ? show(response.body)
      : response.body.errors.map(({ message }) => message).join("\n");
  }
  if (command === "list") {
    const query = flags.done === true ? { done: "true" } : flags.open === true ? { done: "false" } : {};
    const response = await client.get("/todos", { query });
    return response.status === 200 ? response.body.map(show).join("\n") || "Nothing to do." : response.body.detail;
  }
  if (command === "done" && Number.isSafeInteger(params.id)) {
    const response = await client.patch("/todos/<int:id>", { params, body: { done: true } });
    return response.status === 200 ? show(response.body) : response.body.detail;
  }
  if (command === "remove" && Number.isSafeInteger(params.id)) {
    const response = await client.delete("/todos/<int:id>", { params });
    return response.status === 204 ? `${params.id} is removed.` : response.body.detail;
  }
  return usage;
}

interface Flags {
  readonly due?: string | undefined;
  readonly done?: boolean | undefined;
  readonly open?: boolean | undefined;
}

function show({ id, title, done, due }: Todo): string {
  return `${id} [${done ? "x" : " "}] ${title}${due === null ? "" : `, by ${due}`}`;
}

const options = {
  url: { type: "string" },
  due: { type: "string" },
  done: { type: "boolean" },
  open: { type: "boolean" },
} as const;
try {
  const { values, positionals } = parseArgs({ allowPositionals: true, options });
  console.log(await runCommand(values.url ?? "http://127.0.0.1:5000", positionals, values));
} catch (error) {
  const { message, cause } = error as Error;
  console.error(cause instanceof Error ? `${message}: ${cause.message}` : message);
  process.exitCode = 1;
}
