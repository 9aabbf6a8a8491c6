// Serves one of the steps, for compare.ts and whoever is curious.               run it:  node serve.ts 2-await/app.ts [PORT]
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Pottle } from "pottle";

const [file = "app.ts", port = "5001"] = process.argv.slice(2);
const { default: app } = (await import(pathToFileURL(resolve(import.meta.dirname, file)).href)) as { default: Pottle };
await app.run({ port: Number(port) });
