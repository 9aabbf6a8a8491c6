// The contract of the gateway over HTTP/2, in the clear and by TLS.

import { testGateway } from "../gateway-contract.ts";
import { connectHttp2 } from "./_client.ts";
import { Http2Server } from "./_listener.ts";

for (const isSecure of [false, true]) {
  testGateway({
    name: isSecure ? "node:http2 by TLS" : "node:http2",
    atOnce: Infinity,
    async serve(app, onAccess) {
      const server = await Http2Server.open(app, { onAccess, isSecure, cancelGrace: 100 });
      return {
        connect: () => connectHttp2(server.port, isSecure),
        [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
      };
    },
  });
}
