import type { RawHeaders } from "../http/index.ts";

/** What a response says before its body. */
export interface ResponseStart {
  readonly status: number;
  readonly headers: RawHeaders;
}

/** What is about the connection, which is the server's. */
const ofConnection: ReadonlySet<string> = new Set(["connection", "keep-alive", "transfer-encoding"]);

/** Takes the head of a response apart that Node's `ServerResponse` has written: it is well-formed. */
export function parseHead(text: string): ResponseStart {
  const [first = "", ...lines] = text.split("\r\n");
  const headers: string[] = [];
  for (const line of lines) {
    const colon = line.indexOf(": ");
    const name = line.slice(0, colon);
    if (!ofConnection.has(name.toLowerCase())) headers.push(name, line.slice(colon + 2));
  }
  return { status: Number(first.slice(9, 12)), headers };
}
