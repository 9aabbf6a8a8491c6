import {
  type Application,
  type Exchange,
  MemoryExchange,
  type MemoryRequestHead,
  serveExchange,
} from "../../http/index.ts";

/** An answer, as its client has read it. */
export interface Answer {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: string;
}

/** Sends one request without a body to `application`. */
export async function ask(application: Application, head: MemoryRequestHead): Promise<Answer> {
  const exchange = new MemoryExchange(head);
  exchange.upload.end();
  const served = serveExchange(application, exchange);
  const { status, headers } = await exchange.head();
  let body = "";
  for (let chunk = await exchange.download.read(); chunk !== undefined; chunk = await exchange.download.read())
    body += Buffer.from(chunk).toString();
  await served;
  return { status, headers, body };
}

/** An application that answers with what it sees of the request. */
export function mirror(name = "mirror"): Application {
  return { handle: (exchange) => exchange.respond(200, [], JSON.stringify({ name, ...seen(exchange) })) };
}

function seen({ target, scheme, peer, basePath, rawHeaders }: Exchange): Record<string, unknown> {
  const host = rawHeaders[rawHeaders.findIndex((text, i) => i % 2 === 0 && text.toLowerCase() === "host") + 1];
  return { target, scheme, peer, basePath, host };
}
