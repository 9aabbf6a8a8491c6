import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { run, sleep } from "../../asyncio/index.ts";
import { Project, untilGone } from "./project.fixture.ts";
import { prepareWorkers, WorkerProcess, type WorkerOptions } from "./worker-process.ts";

const name = "pottle";

for (const [reason, code, limits] of [
  ["does not answer as its event loop is blocked", "for (;;);", { answerTimeout: 50 }],
  ["does not stop", "try { await sleep(60_000); } finally { await sleep(60_000); }", { stopTimeout: 50 }],
] as const) {
  test(`WorkerProcess.stop() kills one that ${reason}`, async (context) => {
    const project = new Project(context);
    project.write(
      "app.ts",
      `import { writeFileSync } from "node:fs";
import { sleep } from "${name}/asyncio";
export default async function createApp() {
  writeFileSync(${JSON.stringify(join(project.folder, "begun"))}, "");
  ${code}
}`,
    );
    const lines: unknown[] = [];
    context.mock.method(console, "error", (line: unknown) => void lines.push(line));
    prepareWorkers({ args: ["run", join(project.folder, "app.ts"), "--workers", "1"] });
    const options: WorkerOptions = { number: 1, port: 0, onSpent: () => {}, ...limits };
    await run(async () => {
      const worker = new WorkerProcess(options);
      const { pid } = worker;
      while (!existsSync(join(project.folder, "begun"))) await sleep(5);
      await worker.stop("SIGTERM");
      assert.deepEqual(lines, [`Worker 1 ${reason}: killing its process ${pid}`]);
      assert.equal(worker.ending, "SIGKILL");
      assert.equal(worker.failure, `Worker 1 (pid ${pid}) was ended by SIGKILL before it listened`);
      await untilGone(pid!);
      await worker.stop("SIGTERM");
    });
  });
}
