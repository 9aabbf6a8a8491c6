import assert from "node:assert/strict";
import { taskGroup } from "../../combine/task-group.ts";
import { sleep } from "../../core/waits/sleep.ts";
import type { ExploreContext } from "../explore/play.ts";

/** Sells seats. The check before the payment may no longer be true after it. */
class BrokenHall {
  free = 1;

  async book(): Promise<boolean> {
    if (this.free === 0) return false;
    await takePayment();
    this.free--;
    return true;
  }
}

/** Reserves the seat during the payment. */
class MendedHall {
  free = 1;

  async book(): Promise<boolean> {
    if (this.free === 0) return false;
    this.free--;
    try {
      await takePayment();
    } catch (error) {
      this.free++;
      throw error;
    }
    return true;
  }
}

function takePayment(): Promise<void> {
  return sleep(10);
}

async function sell(hall: BrokenHall | MendedHall, { always }: ExploreContext): Promise<void> {
  always(() => assert.ok(hall.free >= 0, "a seat was sold twice"));
  await taskGroup(async (group) => {
    group.createTask(() => hall.book(), { name: "first" });
    group.createTask(
      async () => {
        await sleep(10);
        await hall.book();
      },
      { name: "second" },
    );
  });
}

export const broken = (context: ExploreContext): Promise<void> => sell(new BrokenHall(), context);
export const mended = (context: ExploreContext): Promise<void> => sell(new MendedHall(), context);
