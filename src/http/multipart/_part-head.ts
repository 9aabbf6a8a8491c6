import { isToken } from "../field-syntax.ts";
import { parseMediaType } from "../media-type.ts";

/** A file in a form, as its head describes it. Nothing of it can be believed. */
export interface FilePart {
  /** The name of the field. */
  readonly name: string;
  /** The name of the file, as the client sent it; empty if it sent none. */
  readonly filename: string;
  /** The media type that the client says it has, in lower case. */
  readonly contentType: string;
}

/** The body is not a form that can be read. */
export class MultipartSyntaxError extends Error {
  override readonly name = "MultipartSyntaxError";
}

/** A field, as its head describes it. */
export interface FieldPart {
  /** The name of the field. */
  readonly name: string;
  /** Decodes its value. */
  readonly decoder: TextDecoder;
}

/** Makes the error for a form of which `why` says what is wrong with it. */
export function malformed(why: string, options?: ErrorOptions): MultipartSyntaxError {
  return new MultipartSyntaxError(`Cannot read the form as it is malformed: ${why}`, options);
}

const parameterSyntax = /[ \t]*;[ \t]*([^\s;="]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))[ \t]*/y;
// A tab is the only control character in a head.
const badValue = /[^\P{Cc}\t]/u;

/**
 * Reads the head of a part: a file, if it has a name of a file or is of type `application/octet-stream`, else a field.
 *
 * @param head Its lines, without the blank one after them.
 * @throws {MultipartSyntaxError} If it is malformed, or does not say which field of the form the part is.
 */
export function readPartHead(head: Buffer): FilePart | FieldPart {
  const headers = readHeaders(head.toString());
  const disposition = headers.get("content-disposition");
  if (disposition === undefined) throw malformed("a part has no Content-Disposition");
  const parameters = readDisposition(disposition);
  const name = parameters.get("name");
  if (name === undefined || name === "") throw malformed("a part has no name");
  const type = parseMediaType(headers.get("content-type"));
  const essence = type?.essence ?? "text/plain";
  const filename = extendedValue(parameters.get("filename*")) ?? parameters.get("filename") ?? "";
  if (filename !== "" || essence === "application/octet-stream") return { name, filename, contentType: essence };
  return { name, decoder: decoderOf(type?.parameters.get("charset")) };
}

/** Splits a head into its headers; a line that begins with a blank continues the one before it. */
function readHeaders(head: string): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const line of head.split(/\r\n(?![ \t])/)) {
    if (line === "") continue;
    const colon = line.indexOf(":");
    const [name, value] = [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).replaceAll("\r\n", "")];
    if (colon < 0 || !isToken(name) || badValue.test(value)) throw malformed("a part has a header that cannot be read");
    if (headers.has(name)) throw malformed(`a part has two headers ${name}`);
    headers.set(name, value.trim());
  }
  return headers;
}

/** Reads `form-data; name="a"; filename="b"` into its parameters. */
function readDisposition(text: string): ReadonlyMap<string, string> {
  const [type = ""] = /^[^\s;]*/.exec(text) ?? [];
  if (type.toLowerCase() !== "form-data") throw malformed("a part is not form-data");
  const parameters = new Map<string, string>();
  for (let at = type.length; at < text.length; at = parameterSyntax.lastIndex) {
    parameterSyntax.lastIndex = at;
    const [match, name = "", quoted, plain = ""] = parameterSyntax.exec(text) ?? [];
    const key = name.toLowerCase();
    if (match === undefined || parameters.has(key)) throw malformed("a part has a disposition that cannot be read");
    // Other backslashes belong to the paths that some clients send.
    parameters.set(key, quoted?.replaceAll(/\\(["\\])/g, "$1") ?? plain);
  }
  return parameters;
}

/** Decodes `UTF-8''na%C3%AFve.txt`. */
function extendedValue(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const [, charset = "", encoded] = /^([^']*)'[^']*'((?:[^%]|%[\da-f]{2})*)$/i.exec(text) ?? [];
  if (encoded === undefined) throw malformed("the name of a file cannot be read");
  const bytes = encoded.replaceAll(/%(..)/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
  return decoderOf(charset).decode(Buffer.from(bytes, "latin1"));
}

// It keeps no state between whole values.
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

function decoderOf(charset: string | undefined): TextDecoder {
  if (charset === undefined) return utf8;
  try {
    return new TextDecoder(charset, { ignoreBOM: true });
  } catch (cause) {
    throw malformed(`a part has an unknown charset '${charset}'`, { cause });
  }
}
