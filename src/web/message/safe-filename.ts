/** Names that Windows keeps for devices, whatever their extension. */
const devices = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;
const maxBytes = 255;

/**
 * Makes a file name from a client safe to be used as the name of a file: no folders, no control characters or others that
 * a file system may refuse, not hidden, at most 255 bytes. Another file may have the same name all the same.
 *
 * @returns `upload` if nothing is left of it.
 * @example
 * console.log(safeFilename("../../etc/pass wd")); // pass wd
 * console.log(safeFilename("C:\\Users\\me\\.profile")); // profile
 */
export function safeFilename(filename: string): string {
  const base = filename.toWellFormed().normalize("NFC").split(/[\\/]/).at(-1) ?? "";
  const plain = base.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "").replace(/[<>:"|?*]/g, "_");
  const trimmed = plain.replace(/^[.\s]+|[.\s]+$/g, "");
  const named = devices.test(trimmed) ? `_${trimmed}` : trimmed;
  return shorten(named) || "upload";
}

/** Cuts the name, and keeps its extension if that is a short one. */
function shorten(name: string): string {
  if (Buffer.byteLength(name) <= maxBytes) return name;
  const extension = /\.[^.]{1,20}$/u.exec(name)?.[0] ?? "";
  const characters = Array.from(name.slice(0, name.length - extension.length));
  let room = maxBytes - Buffer.byteLength(extension);
  const kept = characters.slice(0, maxBytes).filter((character) => (room -= Buffer.byteLength(character)) >= 0);
  return kept.join("") + extension;
}
