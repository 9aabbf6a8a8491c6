import { codingFault, hostFault } from "../check-head.ts";
import type { FieldSection } from "./field-section.ts";
import { badRequest, ParseFault } from "./parse-fault.ts";

/** What the headers of a request say of its body and of the connection. */
export interface Framing {
  /** Count of bytes; 0 if there is no body. */
  readonly bodyLength: number | "chunked";
  /** Whether the client keeps no connection. */
  readonly isLast: boolean;
  /** Whether the client waits for a 100 before it sends the body. */
  readonly awaitsContinue: boolean;
  /** The value of `Upgrade`, if `Connection` names it. */
  readonly upgrade: string | undefined;
  /** The value of `Host`; `undefined` if there is none. */
  readonly host: string | undefined;
}

/**
 * Finds out how a request is framed.
 *
 * @throws {ParseFault} If its headers say it in a way that two programs could understand differently, or ask for what this
 * server does not do.
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-6.3
 */
export function framingOf(fields: FieldSection, httpVersion: "1.0" | "1.1"): Framing {
  const { host, connection, expect, upgrade } = fields;
  const fault = hostFault(httpVersion, fields.hosts, host);
  if (fault !== undefined) throw new ParseFault(fault);
  const isNew = httpVersion === "1.1";
  const bodyLength = bodyLengthOf(fields, httpVersion);
  return {
    bodyLength,
    isLast: isNew ? names(connection, "close") : names(connection, "close") || !names(connection, "keep-alive"),
    // HTTP/1.0 knows neither 100 (RFC 9110 §10.1.1) nor Upgrade (§7.8).
    awaitsContinue: expectsContinue(expect) && isNew && bodyLength !== 0,
    upgrade: isNew && upgrade !== undefined && names(connection, "upgrade") ? upgrade : undefined,
    host: fields.hosts === 0 ? undefined : host,
  };
}

function bodyLengthOf({ lengths, length, codings }: FieldSection, httpVersion: string): number | "chunked" {
  if (codings !== undefined) {
    if (lengths > 0) throw badRequest("the request has a Content-Length and a Transfer-Encoding");
    const fault = codingFault(httpVersion, codings);
    if (fault !== undefined) throw new ParseFault(fault);
    return "chunked";
  }
  if (lengths === 0) return 0;
  if (lengths > 1) throw badRequest(`the request has ${lengths} Content-Length headers`);
  const bytes = Number(length);
  if (/^\d+$/.test(length) && Number.isSafeInteger(bytes)) return bytes;
  throw badRequest("the Content-Length is not a number of bytes");
}

function expectsContinue(expect: string | undefined): boolean {
  if (expect === undefined) return false;
  if (elementsOf(expect).every((element) => element === "100-continue")) return true;
  throw new ParseFault({ status: 417, reason: "the only Expect here is 100-continue" });
}

/** Whether the options of `Connection` name one. */
function names(connection: string | undefined, option: string): boolean {
  if (connection === undefined) return false;
  if (connection.includes(",")) return elementsOf(connection).includes(option);
  return connection.length === option.length && connection.toLowerCase() === option;
}

/** The elements of a list, in lower case and without the blanks around them. */
function elementsOf(list: string): string[] {
  return list.toLowerCase().split(",").map(trimBlanks);
}

// An expression for the blanks at the end would look at a long row of them once from each.
function trimBlanks(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && isBlank(text[start])) start++;
  while (end > start && isBlank(text[end - 1])) end--;
  return text.slice(start, end);
}

function isBlank(character: string | undefined): boolean {
  return character === " " || character === "\t";
}
