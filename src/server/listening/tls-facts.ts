import type { TLSSocket } from "node:tls";
import type { TlsFacts } from "../../http/index.ts";

/** What TLS says of a connection. */
export function tlsFactsOf(socket: TLSSocket): TlsFacts {
  const { servername } = socket as { readonly servername?: string | false | null };
  return {
    version: socket.getProtocol() ?? "unknown",
    cipher: socket.getCipher().standardName,
    serverName: typeof servername === "string" && servername !== "" ? servername : undefined,
    clientCertificate: socket.authorized ? socket.getPeerCertificate() : undefined,
  };
}
