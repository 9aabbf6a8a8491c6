import assert from "node:assert/strict";
import { test } from "node:test";
import type { Exchange, RawHeaders } from "../../http/index.ts";
import type { ResponseFinisher } from "../message/context.ts";
import { FinishingExchange } from "./finishing-exchange.ts";

function recorder(): { exchange: Exchange; sent: RawHeaders[] } {
  const sent: RawHeaders[] = [];
  const respond = async (_: number, headers: RawHeaders): Promise<void> => void sent.push(headers);
  return { exchange: { respond } as never, sent };
}

test("FinishingExchange.respond() sends the headers of all finishers, even of one that another adds", async () => {
  const { exchange, sent } = recorder();
  const finishers: ResponseFinisher[] = [];
  finishers.push((headers) => {
    headers.append("A", "1");
    finishers.push((more) => void more.append("B", "2"));
  });
  await new FinishingExchange(exchange, finishers).respond(200, ["C", "3"], "x");
  assert.deepEqual(sent, [["C", "3", "A", "1", "B", "2"]]);
});

test("FinishingExchange.respond() closes the body if a finisher fails, and leaves that finisher out next time", async () => {
  const { exchange, sent } = recorder();
  const failing: ResponseFinisher = () => Promise.reject(new Error("broken"));
  const finishers = [failing, (headers) => void headers.append("A", "1")] satisfies ResponseFinisher[];
  const finishing = new FinishingExchange(exchange, finishers);
  let isClosed = false;
  const body = {
    [Symbol.asyncIterator]: () => ({
      next: async () => ({ done: true as const, value: undefined }),
      return: async () => {
        isClosed = true;
        return { done: true as const, value: undefined };
      },
    }),
  };
  await assert.rejects(finishing.respond(200, [], body), /broken/);
  assert.equal(isClosed, true);
  assert.deepEqual(sent, []);
  await finishing.respond(500, [], "page");
  assert.deepEqual(sent, [["A", "1"]]);
});
