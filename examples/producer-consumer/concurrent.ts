// Producers and consumers at once: whoever waits lets the others go on. Between them there is a queue.
import { gather, Queue, taskGroup } from "pottle/asyncio";
import type { Item, Stage } from "./stage.ts";

export async function oneProducer(stage: Stage): Promise<void> {
  const data = new Queue<Item>(Infinity);
  await gather(
    () => generateData(20, data, stage),
    () => processData(20, data, stage),
  );
}

export async function threeProducers(stage: Stage): Promise<void> {
  const data = new Queue<Item>(Infinity);
  await gather(
    () => generateData(20, data, stage),
    () => generateData(20, data, stage),
    () => generateData(20, data, stage),
    () => processData(60, data, stage),
  );
}

export async function twoProducers(stage: Stage): Promise<void> {
  const data = new Queue<Item>(Infinity);
  await gather(
    () => generateData(20, data, stage),
    () => generateData(20, data, stage),
    () => processData(40, data, stage),
  );
}

/** Nobody counts here: when the producers are done, the queue is shut down, and the consumer's loop ends with it. */
export async function untilShutdown(stage: Stage): Promise<void> {
  const data = new Queue<Item>(Infinity);
  await taskGroup(async (group) => {
    group.createTask(() => processAll(data, stage), { name: "consumer" });
    await gather(
      () => generateData(20, data, stage),
      () => generateData(20, data, stage),
    );
    data.shutdown();
  });
}

async function generateData(count: number, data: Queue<Item>, stage: Stage): Promise<void> {
  for (let n = 1; n <= count; n++) {
    await data.put({ value: n * n, at: stage.clock.now() });
    stage.generated(n, data.size);
    await stage.clock.sleep(stage.pause());
  }
}

async function processData(count: number, data: Queue<Item>, stage: Stage): Promise<void> {
  for (let n = 1; n <= count; n++) await processItem(await data.get(), data, stage);
}

async function processAll(data: Queue<Item>, stage: Stage): Promise<void> {
  for await (const item of data) await processItem(item, data, stage);
}

async function processItem(item: Item, data: Queue<Item>, stage: Stage): Promise<void> {
  stage.processed(item, data.size);
  await stage.clock.sleep(500);
}
