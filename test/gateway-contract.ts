/**
 * What an application may rely on, whatever server it runs on: each case is run over each implementer. An implementer
 * says how to open a connection, and nothing else; see `gateway.test.ts`.
 */

import { test } from "node:test";
import { testAnswered } from "./gateway-answered.ts";
import { testFailing } from "./gateway-failing.ts";
import { testLeaving } from "./gateway-leaving.ts";
import { type DefineCase, type Implementer, play } from "./gateway-scene.ts";

/** Defines every case for one implementer. */
export function testGateway(implementer: Implementer): void {
  const gateway: DefineCase = (title, handle, body) => {
    test(`${implementer.name}: ${title}`, { timeout: 20_000 }, () => play(implementer, { handle }, body));
  };
  for (const define of [testAnswered, testLeaving, testFailing]) define(gateway);
}
