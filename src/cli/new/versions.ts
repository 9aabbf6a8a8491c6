import { readFileSync } from "node:fs";

/** The versions of the packages that a new application needs. */
export interface Versions {
  readonly pottle: string;
  readonly node: string;
  readonly oxlint: string;
  readonly typescript: string;
}

/** The versions that Pottle itself is developed with: they are known to work together. */
export function readVersions(): Versions {
  const text = readFileSync(new URL("../../../package.json", import.meta.url), "utf8");
  const { version, devDependencies } = JSON.parse(text) as {
    readonly version: string;
    readonly devDependencies: Omit<Versions, "pottle">;
  };
  const { node, oxlint, typescript } = devDependencies;
  return { pottle: version, node, oxlint, typescript };
}
