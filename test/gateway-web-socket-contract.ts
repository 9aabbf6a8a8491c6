/** What an application may rely on of a WebSocket, whatever carries it: each case is run over each implementer. */

import { test } from "node:test";
import { testSocketAnswers } from "./gateway-web-socket-answers.ts";
import { testSocketEnds } from "./gateway-web-socket-ends.ts";
import { testSocketMessages } from "./gateway-web-socket-messages.ts";
import { type DefineSocketCase, playSocket, type SocketImplementer } from "./gateway-web-socket-scene.ts";

/** Defines every case for one implementer. */
export function testWebSockets(implementer: SocketImplementer): void {
  const define: DefineSocketCase = (title, view, body, options) => {
    test(`WebSocket, ${implementer.name}: ${title}`, { timeout: 20_000 }, () =>
      playSocket(implementer, view, body, options),
    );
  };
  for (const part of [testSocketAnswers, testSocketMessages, testSocketEnds]) part(define);
}
