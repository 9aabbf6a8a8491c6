// How long the compiler takes for an application of many contract routes and its typed client, and for the same routes and
// client in Hono, if that is installed somewhere:
//
//   node bench/web/types/main.ts [--routes 300] [--hono FOLDER]
//
// FOLDER is a folder with `node_modules/hono` in it and what `@hono/zod-validator` needs. Build first: the types of `dist/`
// are checked, as those of users are.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

const repository = join(import.meta.dirname, "..", "..", "..");
const compiler = join(repository, "node_modules", ".bin", "tsc");

/** A program to be checked: its name, its source, and packages from another folder. */
interface Subject {
  readonly name: string;
  readonly source: string;
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

const schema = (index: number): string =>
  `const Item${index} = z.object({ id: z.number(), title${index}: z.string(), tags: z.array(z.string()), nested: z.object({ a: z.number(), b: z.string().optional() }) });`;

/** Routes on the application itself, without a client. */
function pottleViews(count: number): string {
  const routes = numbers(count).map(
    (i) => `${schema(i)}
app.post("/items${i}/<int:id>", { query: z.object({ page: z.coerce.number().default(1) }), body: Item${i}, response: Item${i} },
  ({ id, query, body }) => ({ ...body, id: id + query.page }));`,
  );
  return `import { Pottle } from "pottle";\nimport { z } from "zod";\nexport const app = new Pottle(import.meta);\n${routes.join("\n")}\n`;
}

/** The schemas of the routes alone, each with its types: what the schemas cost without a framework. */
function schemasOnly(count: number): string {
  const uses = numbers(count).map(
    (i) => `${schema(i)}
const Query${i} = z.object({ page: z.coerce.number().default(1) });
export function view${i}(query: z.output<typeof Query${i}>, body: z.output<typeof Item${i}>): z.output<typeof Item${i}> {
  return { ...body, id: body.id + query.page };
}`,
  );
  return `import { z } from "zod";\n${uses.join("\n")}\n`;
}

/** A table of routes, their views, and a client that calls each. */
function pottleClient(count: number): string {
  const all = numbers(count);
  const table = all.map(
    (i) =>
      `"POST /items${i}/<int:id>": { query: z.object({ page: z.coerce.number().default(1) }), body: Item${i}, response: Item${i} },`,
  );
  const views = all.map(
    (i) => `"POST /items${i}/<int:id>": ({ id, query, body }) => ({ ...body, id: id + query.page }),`,
  );
  const calls = all.map(
    (i) => `{
  const response = await client.post("/items${i}/<int:id>", { params: { id: 1 }, body: { id: 1, title${i}: "x", tags: [], nested: { a: 1 } } });
  if (response.status === 200) response.body.title${i}.toUpperCase();
}`,
  );
  return `import { addContractRoutes, contractRoutes, Pottle } from "pottle";
import { typedClient } from "pottle/typed-client";
import { z } from "zod";
${all.map(schema).join("\n")}
const routes = contractRoutes({\n${table.join("\n")}\n});
const app = new Pottle(import.meta);
addContractRoutes(app, routes, {\n${views.join("\n")}\n});
const client = typedClient<typeof routes>("http://localhost");
${calls.join("\n")}\n`;
}

/** The same in Hono: a chain, whose type has the routes. */
function honoClient(count: number): string {
  const all = numbers(count);
  const routes = all.map(
    (
      i,
    ) => `.post("/items${i}/:id", zValidator("query", z.object({ page: z.coerce.number().default(1) })), zValidator("json", Item${i}),
  (c) => c.json({ ...c.req.valid("json"), id: Number(c.req.param("id")) + c.req.valid("query").page }))`,
  );
  const calls = all.map(
    (i) => `{
  const response = await client.items${i}[":id"].$post({ param: { id: "1" }, query: { page: "1" }, json: { id: 1, title${i}: "x", tags: [], nested: { a: 1 } } });
  if (response.ok) (await response.json()).title${i}.toUpperCase();
}`,
  );
  return `import { Hono } from "hono";
import { hc } from "hono/client";
import { zValidator } from "@hono/zod-validator";
import { z } from "zod";
${all.map(schema).join("\n")}
const app = new Hono()${routes.join("\n")};
const client = hc<typeof app>("http://localhost");
${calls.join("\n")}\n`;
}

function link(folder: string, name: string, target: string): void {
  const place = join(folder, "node_modules", name);
  mkdirSync(join(place, ".."), { recursive: true });
  symlinkSync(target, place, "dir");
}

const options = {
  target: "es2024",
  lib: ["es2024", "esnext.disposable", "esnext.collection", "esnext.iterator", "dom"],
  module: "nodenext",
  moduleResolution: "nodenext",
  types: ["node"],
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: true,
  noEmit: true,
};

/** Checks a program, and returns the compiler's own figures. */
function measure({ source }: Subject, packages: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "pottle-types-"));
  try {
    for (const [name, target] of Object.entries(packages)) link(folder, name, target);
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, include: ["*.ts"] }));
    writeFileSync(join(folder, "program.ts"), source);
    return execFileSync(compiler, ["--noEmit", "--extendedDiagnostics", "-p", folder], { encoding: "utf8" });
  } catch (error) {
    return (error as { stdout?: string }).stdout ?? String(error);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function show({ name }: Subject, output: string): void {
  const errors = output.split("\n").filter((line) => line.includes("error TS"));
  const figure = (label: string): string => new RegExp(`^${label}:\\s+(\\S+)`, "m").exec(output)?.[1] ?? "–";
  const figures = ["Check time", "Total time", "Types", "Instantiations", "Memory used"].map(
    (label) => `${label} ${figure(label)}`,
  );
  console.log(`${name}: ${figures.join(", ")}${errors.length === 0 ? "" : `, ${errors.length} ERRORS: ${errors[0]}`}`);
}

const { values } = parseArgs({ options: { routes: { type: "string", default: "300" }, hono: { type: "string" } } });
const count = Number(values.routes);
const modules = join(repository, "node_modules");
const common = { zod: join(modules, "zod"), "@types": join(modules, "@types") };
const own = { ...common, pottle: repository };
const subjects: [Subject, Readonly<Record<string, string>>][] = [
  [{ name: `zod, the schemas of ${count} routes`, source: schemasOnly(count) }, own],
  [{ name: "Pottle, an empty application", source: pottleViews(0) }, own],
  [{ name: `Pottle, ${count} contract routes`, source: pottleViews(count) }, own],
  [{ name: `Pottle, ${count} routes in a table with their client`, source: pottleClient(count) }, own],
];
if (values.hono !== undefined) {
  const folder = resolve(values.hono, "node_modules");
  const packages = { ...common, hono: join(folder, "hono"), "@hono": join(folder, "@hono"), zod: join(folder, "zod") };
  subjects.push([{ name: "Hono, an empty application", source: honoClient(0) }, packages]);
  subjects.push([{ name: `Hono, ${count} routes with their client`, source: honoClient(count) }, packages]);
}
for (const [subject, packages] of subjects) show(subject, measure(subject, packages));
