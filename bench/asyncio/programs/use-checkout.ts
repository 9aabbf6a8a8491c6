// Makes the programs import another checkout's built package: `node --import ".../use-checkout.ts?folder=FOLDER" …`

import { registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const folder = new URL(import.meta.url).searchParams.get("folder") ?? "";

// A package finds its own subpaths from anywhere within it.
const parentURL = pathToFileURL(join(folder, "package.json")).href;

registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier, /^pottle(?:\/|$)/.test(specifier) ? { ...context, parentURL } : context),
});
