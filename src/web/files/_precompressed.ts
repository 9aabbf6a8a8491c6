import { HTTPError } from "../errors/http-error.ts";
import type { EncodingAccept } from "../negotiation/accept.ts";
import { statFile } from "./_file-response.ts";
import { type FileAccess, locateFile } from "./_locate-file.ts";

/** The codings of files that lie beside others, the server's favourite first. */
const extensions = { br: ".br", zstd: ".zst", gzip: ".gz" } as const;

/** The name of a coding whose files may lie beside others. */
export type Precompressed = keyof typeof extensions;

/** The names of all of them. */
export const allCodings = Object.keys(extensions) as readonly Precompressed[];

/** A file that is sent in place of another. */
export interface Variant {
  /** Its real path. */
  readonly file: string;
  readonly coding: Precompressed;
}

/** What a variant is looked for by. */
export interface VariantSearch {
  readonly root: string;
  /** The path of the other file below `root`. */
  readonly path: string;
  readonly access: FileAccess;
  readonly codings: readonly Precompressed[];
  readonly accept: EncodingAccept;
}

/**
 * Finds the file beside another that is compressed in the way that the client prefers.
 *
 * @returns `undefined` if there is none that it accepts, or it prefers the other.
 */
export async function findVariant({
  root,
  path,
  access,
  codings,
  accept,
}: VariantSearch): Promise<Variant | undefined> {
  if (!accept.isPresent) return undefined;
  const least = accept.ranges.some(({ value }) => value === "identity") ? accept.quality("identity") : 0;
  const wanted = codings
    .filter((coding) => accept.accepts(coding) && accept.quality(coding) >= least)
    .toSorted((one, other) => accept.quality(other) - accept.quality(one));
  for (const coding of wanted) {
    const file = await findFile(root, path + extensions[coding], access);
    if (file !== undefined) return { file, coding };
  }
  return undefined;
}

async function findFile(root: string, path: string, access: FileAccess): Promise<string | undefined> {
  try {
    const file = await locateFile(root, path, access);
    return (await statFile(file)).isFile() ? file : undefined;
  } catch (error) {
    // There is none, or it must not be served.
    if (error instanceof HTTPError) return undefined;
    throw error;
  }
}
