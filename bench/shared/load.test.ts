import assert from "node:assert/strict";
import { test } from "node:test";
import { readLoad } from "./load.ts";

const printed = `Running 1s test @ http://127.0.0.1:5000/plaintext
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.71ms  438.83us  13.43ms   95.53%
    Req/Sec    37.81k     1.57k   39.73k    70.00%
  37872 requests in 1.00s, 5.24MB read
Requests/sec:  37797.12
Transfer/sec:      5.23MB
`;

test("readLoad() reads how many requests were answered, and how many in a second", () => {
  assert.deepEqual(readLoad(printed), { requests: 37_872, perSecond: 37_797.12 });
});

test("readLoad() refuses a measurement in which something failed", () => {
  const refused = `${printed}  Non-2xx or 3xx responses: 17\n`;
  assert.throws(() => readLoad(refused), { message: /not every answer was one: Non-2xx or 3xx responses: 17$/ });
  const cut = printed.replace("Requests/sec", "  Socket errors: connect 0, read 3, write 0, timeout 0\nRequests/sec");
  assert.throws(() => readLoad(cut), { message: /not every answer was one: Socket errors: connect 0, read 3/ });
  assert.throws(() => readLoad("  0 requests in 1.00s, 0.00B read\nRequests/sec: 0.00\n"), {
    message: /there was no answer at all/,
  });
});
