import assert from "node:assert/strict";
import { test } from "node:test";
import { CancelledError, TimeoutError } from "./errors.ts";
import { sleep } from "./sleep.ts";
import { virtualTime } from "./testing/index.ts";
import { timeout } from "./timeout.ts";

test(
  "timeout() throws TimeoutError when the body outlives the limit (test_timeout_basic)",
  virtualTime(async (clock) => {
    let expired = false;
    const outcome = assert.rejects(
      timeout(50, async (limit) => {
        try {
          await sleep(1_000);
        } finally {
          ({ expired } = limit);
        }
      }),
      (error: Error) => error instanceof TimeoutError && error.cause instanceof CancelledError,
    );
    await clock.advance(50);
    await outcome;
    assert.equal(expired, true);
  }),
);
