// The usual way: first everything is generated, then everything is processed. While one waits, the whole thread waits.
import type { Item, Stage } from "./stage.ts";

export function blocking(stage: Stage): void {
  const data: Item[] = [];
  generateData(20, data, stage);
  processData(20, data, stage);
}

function generateData(count: number, data: Item[], stage: Stage): void {
  for (let n = 1; n <= count; n++) {
    data.push({ value: n * n, at: stage.clock.now() });
    stage.generated(n, data.length);
    stage.clock.block(stage.pause());
  }
}

function processData(count: number, data: Item[], stage: Stage): void {
  for (let n = 1; n <= count; n++) {
    const item = data.shift()!;
    stage.processed(item, data.length);
    stage.clock.block(500);
  }
}
