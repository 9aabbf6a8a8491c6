import assert from "node:assert/strict";
import { createTask } from "../../core/tasks/task.ts";
import { sleep } from "../../core/waits/sleep.ts";
import { Event } from "../../sync/event.ts";

/** A service with a configuration, and a warm-up that uses it. */
class Service {
  config: { readonly region: string } | undefined;
  readonly configured = new Event({ name: "configured" });
  region: string | undefined;

  async configure(): Promise<void> {
    this.config = { region: "north" };
    this.configured.set();
    await sleep(5);
  }
}

/** Relies on the task that was created first to finish first. */
async function brokenWarmUp(service: Service): Promise<void> {
  await sleep(0);
  service.region = service.config!.region;
}

/** Waits for the configuration that it needs. */
async function mendedWarmUp(service: Service): Promise<void> {
  await service.configured.wait();
  service.region = service.config!.region;
}

async function start(warmUp: (service: Service) => Promise<void>): Promise<void> {
  const service = new Service();
  const configuring = createTask(() => service.configure(), { name: "configure" });
  const warming = createTask(() => warmUp(service), { name: "warm up" });
  await configuring;
  await warming;
  assert.equal(service.region, "north");
}

export const broken = (): Promise<void> => start(brokenWarmUp);
export const mended = (): Promise<void> => start(mendedWarmUp);
