// Rooms over WebSockets, presence over events, workers over Redis.   run it:  npx pottle run app.ts --workers 2
import { randomUUID } from "node:crypto";
import { abort, Broadcast, type Html, type HttpResponse, type HttpWebSocket, Pottle, sse } from "pottle";
import { moveOnAfter, sleep, taskGroup } from "pottle/asyncio";
import { redis } from "pottle/redis";
import { roomPage } from "./page.ts";

/** A line of a room. */
interface Said {
  readonly name: string;
  readonly text: string;
}

const longestName = 30;
const longestText = 1_000;
/** How long, in milliseconds, a name is shown after the last word of its worker. */
const nameLifetime = 6_000;

const app: Pottle = new Pottle(import.meta);
const store = redis(app);
// A client that cannot keep up connects anew, rather than read a talk with holes.
const said = new Broadcast<Said>({ redis: store, channel: "chat:said", slow: "close" });
// That a tab came or went. The names are in Redis, so one such message is as good as many.
const moved = new Broadcast<null>({ redis: store, channel: "chat:moved", queue: 1 });
app.onStop(() => said.close());
app.onStop(() => moved.close());

app.get("/", (): Html => roomPage("lobby"));
app.get("/rooms/<room>", ({ room }): Html => roomPage(room));

app.websocket("/rooms/<room>", async ({ room }, socket) => {
  const name = nameOf(socket);
  const tab = `${randomUUID()} ${name}`;
  // So that one can see which worker has a tab.
  await socket.accept({ headers: { "X-Process": String(process.pid) } });
  const lines = said.subscribe(room);
  await lines.ready();
  try {
    await taskGroup(async (group) => {
      group.createTask(async () => {
        for await (const line of lines) await socket.sendJson(line);
      });
      const staying = group.createTask(() => stay(room, tab));
      for await (const text of socket) await said.publish(room, { name, text: String(text).slice(0, longestText) });
      lines.close();
      staying.cancel();
    });
  } finally {
    // It runs when the client vanishes, too.
    await leave(room, tab);
  }
});

app.get("/rooms/<room>/names", ({ room }): HttpResponse => sse(() => namesOf(room)));

async function* namesOf(room: string): AsyncGenerator<string[]> {
  const news = moved.subscribe(room);
  await news.ready();
  for (let before = ""; ;) {
    const names = await present(room);
    if (before !== (before = JSON.stringify(names))) yield names;
    // No message comes for names that expire.
    await moveOnAfter(nameLifetime / 2, () => news.next());
  }
}

/** The names of a room: a sorted set of its tabs, by the time until which they count. */
const keyOf = (room: string): string => `chat:tabs:${room}`;

async function present(room: string): Promise<string[]> {
  const tabs = await store.zrange(keyOf(room), 0, -1);
  const isHere = ([, until]: readonly [string, number]): boolean => until > Date.now();
  const [here, expired] = [tabs.filter(isHere), tabs.filter((tab) => !isHere(tab))];
  if (expired.length > 0) await store.zrem(keyOf(room), ...expired.map(([tab]) => tab));
  const names = here.map(([tab]) => tab.slice(tab.indexOf(" ") + 1));
  return [...new Set(names)].toSorted((one, other) => one.localeCompare(other));
}

/** Keeps a tab in its room. One whose worker is killed is not kept any longer, and its name expires. */
async function stay(room: string, tab: string): Promise<void> {
  for (let isNew = true; ; isNew = false) {
    await store.zadd(keyOf(room), { [tab]: Date.now() + nameLifetime });
    await store.pexpire(keyOf(room), nameLifetime);
    if (isNew) await moved.publish(room, null);
    await sleep(nameLifetime / 3);
  }
}

async function leave(room: string, tab: string): Promise<void> {
  await store.zrem(keyOf(room), tab);
  await moved.publish(room, null);
}

function nameOf({ args }: HttpWebSocket): string {
  const name = args.get("name")?.trim() ?? "";
  return name !== "" && name.length <= longestName ? name : abort(400, `A name has 1 to ${longestName} characters.`);
}

export default app;
