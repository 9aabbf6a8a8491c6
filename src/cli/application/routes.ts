import type { RouteDescription } from "../../web/index.ts";
import { UsageError } from "../errors.ts";
import { parseOptions } from "../parse-options.ts";
import { toColumns } from "./columns.ts";
import { inApplication } from "./in-application.ts";
import { targetOf } from "./target-of.ts";

const help = `Usage: pottle routes FILE[:name] [options]

Lists the routes of an application. It is loaded, but not started.

Options:
  --sort ORDER    endpoint (default), methods, rule, or match: the order in which they were added
  --all-methods   show HEAD and OPTIONS too
  --json          print the data
  -h, --help      this text`;

const orders = ["endpoint", "methods", "rule", "match"] as const;
type Order = (typeof orders)[number];

/**
 * `pottle routes`: lists the routes of an application.
 *
 * @returns The exit code: 1 if the application cannot be loaded.
 * @throws {UsageError} If the arguments cannot be understood.
 */
export async function routes(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions(args, {
    sort: { type: "string" },
    "all-methods": { type: "boolean" },
    json: { type: "boolean" },
    help: { type: "boolean", short: "h" },
  });
  if (values.help === true) {
    console.log(help);
    return 0;
  }
  const order = readOrder(values.sort ?? "endpoint");
  const target = targetOf(positionals);
  return await inApplication(target, { start: false, action: `Cannot list the routes of ${target}` }, async (app) => {
    const list = app.listRoutes().map((route) => withMethods(route, values["all-methods"] === true));
    const sorted =
      order === "match" ? list : list.toSorted((one, other) => compare(keyOf(one, order), keyOf(other, order)));
    console.log(values.json === true ? JSON.stringify(sorted, undefined, 2) : format(sorted));
    return 0;
  });
}

function readOrder(text: string): Order {
  const order = orders.find((each) => each === text);
  if (order === undefined) throw new UsageError(`--sort must be one of ${orders.join(", ")}, not '${text}'`);
  return order;
}

function withMethods(route: RouteDescription, all: boolean): RouteDescription {
  if (route.kind !== "http") return { ...route, methods: [] };
  const methods = new Set(route.methods);
  if (all) methods.add("OPTIONS");
  else if (methods.has("GET")) methods.delete("HEAD");
  return { ...route, methods: [...methods].toSorted() };
}

function keyOf({ name, methods, path }: RouteDescription, order: Order): string {
  if (order === "methods") return methods.join(", ");
  return order === "rule" ? path : name;
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function format(list: readonly RouteDescription[]): string {
  if (list.length === 0) return "The application has no routes.";
  const rows = list.map(({ name, kind, methods, path, host }) => [
    name,
    kind === "http" ? methods.join(", ") : kind === "websocket" ? "WebSocket" : "any",
    `${host ?? ""}${path}`,
  ]);
  return toColumns([["Endpoint", "Methods", "Rule"], ...rows]);
}
