// MongoDB's wire protocol, as far as a driver needs it.
//
//   header    length, request id, response to, opcode             four 32-bit numbers, little-endian
//   OP_MSG    flags, sections …                                   kind 0: one document; kind 1: a list of documents
//   OP_QUERY  flags, name, skip, return, document                 only for the first hello of a connection
//
// See https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/

import type { Doc, Engine } from "./_engine.ts";

const headerLength = 16;
const longest = 48_000_000;

/** @internal The largest document, in bytes. */
export const largestDocument: number = 16 * 2 ** 20;

/** @internal The largest command, in bytes: a document and the rest of its command. */
export const largestCommand: number = largestDocument + 16 * 2 ** 10;
const opReply = 1;
const opQuery = 2004;
const opMsg = 2013;
const checksumPresent = 1;
const moreToCome = 2;

/** @internal The error for bytes that are not a message. */
export class WireError extends Error {
  override readonly name = "WireError";
}

/** @internal The unread bytes of a connection. They are joined only when a message is complete. */
export class Incoming {
  #chunks: Buffer[] = [];
  #size = 0;
  #needed = headerLength;

  /** Adds bytes. Returns whether there are enough for a message. */
  add(chunk: Buffer): boolean {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    return this.#size >= this.#needed;
  }

  /** All bytes. */
  take(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** Replaces the bytes by those that remain. */
  keep(rest: Buffer): void {
    this.#chunks = [rest];
    this.#size = rest.length;
    this.#needed = rest.length < headerLength ? headerLength : rest.readInt32LE(0);
  }
}

/** @internal A received command. */
export interface WireRequest {
  readonly id: number;
  /** The document of the command, with the lists that were sent separately. */
  readonly body: Doc;
  /** Whether the sender waits for a reply. */
  readonly wantsReply: boolean;
  /** Whether the command has the old form. Then the reply has it too. */
  readonly isLegacy: boolean;
  /** The size in bytes of a document that is larger than a server accepts; `undefined` if there is none. */
  readonly oversize: number | undefined;
}

/**
 * @internal Reads the first message of `buffer`.
 *
 * @returns The message and the bytes after it; `undefined` if more bytes are needed.
 * @throws {WireError} If the bytes are not a message.
 */
export function readMessage(
  engine: Engine,
  buffer: Buffer,
): { readonly request: WireRequest; readonly rest: Buffer } | undefined {
  if (buffer.length < headerLength) return undefined;
  const length = buffer.readInt32LE(0);
  if (length < headerLength || length > longest) throw new WireError(`a message of ${length} bytes was announced`);
  if (buffer.length < length) return undefined;
  const request = parse(engine, buffer.subarray(0, length));
  return { request, rest: buffer.subarray(length) };
}

function parse(engine: Engine, message: Buffer): WireRequest {
  const id = message.readInt32LE(4);
  const opcode = message.readInt32LE(12);
  try {
    if (opcode === opMsg) return { id, isLegacy: false, ...parseMsg(engine, message) };
    if (opcode === opQuery) return { id, isLegacy: true, ...parseQuery(engine, message) };
  } catch (error) {
    throw new WireError(`a message cannot be read: ${(error as Error).message}`, { cause: error });
  }
  throw new WireError(`a message has the unknown opcode ${opcode}`);
}

type Parsed = Pick<WireRequest, "body" | "wantsReply" | "oversize">;

function parseMsg(engine: Engine, message: Buffer): Parsed {
  const flags = message.readUInt32LE(headerLength);
  const end = message.length - ((flags & checksumPresent) === 0 ? 0 : 4);
  let body: Doc | undefined;
  const lists: Doc = {};
  let largest = 0;
  for (let at = headerLength + 4; at < end;) {
    const kind = message.readUInt8(at);
    const section = take(message, at + 1, end);
    if (kind === 0 && body === undefined) {
      body = engine.decode(section);
      largest = Math.max(largest, section.length);
    } else if (kind === 1) largest = Math.max(largest, readList(engine, section, lists));
    else throw new WireError(`a section has the unknown kind ${kind}`);
    at += 1 + section.length;
  }
  if (body === undefined) throw new WireError("it has no document");
  const oversize = largest > largestCommand ? largest : undefined;
  return { body: { ...body, ...lists }, wantsReply: (flags & moreToCome) === 0, oversize };
}

// A document, or a list of them, begins with its own length.
function take(message: Buffer, at: number, end: number): Buffer {
  const length = message.readInt32LE(at);
  if (length < 5 || at + length > end) throw new WireError(`${length} bytes were announced where ${end - at} are left`);
  return message.subarray(at, at + length);
}

/** Reads a list of documents; returns the size of the largest one. */
function readList(engine: Engine, section: Buffer, lists: Doc): number {
  const nameEnd = section.indexOf(0, 4);
  if (nameEnd < 0) throw new WireError("a list has no name");
  const docs: Doc[] = [];
  let largest = 0;
  for (let at = nameEnd + 1; at < section.length;) {
    const bytes = take(section, at, section.length);
    docs.push(engine.decode(bytes));
    largest = Math.max(largest, bytes.length);
    at += bytes.length;
  }
  lists[section.toString("utf8", 4, nameEnd)] = docs;
  return largest;
}

function parseQuery(engine: Engine, message: Buffer): Parsed {
  const nameEnd = message.indexOf(0, headerLength + 4);
  if (nameEnd < 0) throw new WireError("it has no name");
  const at = nameEnd + 1 + 8;
  const query = engine.decode(take(message, at, message.length));
  const body = { ...query, $db: message.toString("utf8", headerLength + 4, nameEnd).replace(/\.\$cmd$/, "") };
  return { body, wantsReply: true, oversize: undefined };
}

/** @internal The bytes of a reply. */
export function writeReply(engine: Engine, request: WireRequest, reply: Doc): Buffer {
  const document = engine.encode(reply);
  // OP_REPLY: flags (what follows is "await capable"), cursor, start, count. OP_MSG: flags, kind of section.
  const before = request.isLegacy ? legacyHead() : Buffer.alloc(5);
  const header = Buffer.alloc(headerLength);
  header.writeInt32LE(headerLength + before.length + document.length, 0);
  header.writeInt32LE(request.id, 8);
  header.writeInt32LE(request.isLegacy ? opReply : opMsg, 12);
  return Buffer.concat([header, before, document]);
}

function legacyHead(): Buffer {
  const head = Buffer.alloc(20);
  head.writeInt32LE(8, 0);
  head.writeInt32LE(1, 16);
  return head;
}
