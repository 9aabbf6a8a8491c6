// A query that ends when its tab is closed.                  run it:  npx pottle run app.ts
import { type Html, type HttpResponse, makeResponse, Pottle } from "pottle";
import { sleep } from "pottle/asyncio";
import { postgres } from "pottle/postgres";
import { startPage, watchPage } from "./pages.ts";

const app: Pottle = new Pottle(import.meta);
const db = postgres(app);

app.get("/", (): Html => startPage());

// Nothing here looks at the client: when it leaves, the request is cancelled, and the query with it, on the server.
app.get("/sleep", async () => {
  const [row] = await db.query("select pg_sleep(30), pg_backend_pid() as pid");
  return `Slept for 30 s, in process ${String(row?.["pid"])}.`;
});

app.get("/pid", () => db.sql<{ pid: number }>`select pg_backend_pid() as pid`);

app.get("/watch", (): Html => watchPage());

app.get("/activity", (): HttpResponse => makeResponse(watchActivity(), 200, { "Content-Type": "text/event-stream" }));

async function* watchActivity(): AsyncGenerator<string> {
  for (;;) {
    yield `data: ${JSON.stringify(await runningQueries())}\n\n`;
    await sleep(100);
  }
}

function runningQueries(): Promise<object[]> {
  return db.sql`
    select pid, state, wait_event as waits_for, query,
      round(extract(epoch from now() - query_start), 1)::float as seconds
    from pg_stat_activity
    where state = 'active' and pid <> pg_backend_pid() and backend_type = 'client backend'
    order by query_start`;
}

export default app;
