// Rooms over WebSockets, presence over events, workers over Redis.   run it:  npx pottle run app.ts --workers 2
import { abort, Broadcast, type Html, type HttpResponse, type HttpWebSocket, Pottle, sse } from "pottle";
import { taskGroup } from "pottle/asyncio";
import { redis } from "pottle/redis";
import { roomPage } from "./page.ts";

/** A line of a room. */
interface Said {
  readonly name: string;
  readonly text: string;
}

const longestName = 30;
const longestText = 1_000;

const app: Pottle = new Pottle(import.meta);
const store = redis(app);
// Somebody who cannot keep up connects anew, rather than read a talk with holes.
const said = new Broadcast<Said>({ redis: store, channel: "chat:said", slow: "close" });
// That somebody came or went. The names are in Redis, so one such message is as good as many.
const moved = new Broadcast<null>({ redis: store, channel: "chat:moved", queue: 1 });
app.onStop(() => said.close());
app.onStop(() => moved.close());

app.get("/", (): Html => roomPage("lobby"));
app.get("/rooms/<room>", ({ room }): Html => roomPage(room));

app.websocket("/rooms/<room>", async ({ room }, socket) => {
  const name = nameOf(socket);
  const lines = said.subscribe(room);
  await lines.ready();
  await enter(room, name);
  try {
    await taskGroup(async (group) => {
      group.createTask(async () => {
        for await (const line of lines) await socket.sendJson(line);
      });
      for await (const text of socket) await said.publish(room, { name, text: String(text).slice(0, longestText) });
      lines.close();
    });
  } finally {
    // It runs when the client vanishes, too.
    await leave(room, name);
  }
});

app.get("/rooms/<room>/names", ({ room }): HttpResponse => sse(() => namesOf(room)));

async function* namesOf(room: string): AsyncGenerator<string[]> {
  const news = moved.subscribe(room);
  await news.ready();
  yield await present(room);
  for await (const _ of news) yield await present(room);
}

async function present(room: string): Promise<string[]> {
  return Object.keys(await store.hgetall(`chat:names:${room}`)).toSorted((one, other) => one.localeCompare(other));
}

/** Notes one more tab of that name. */
async function enter(room: string, name: string): Promise<void> {
  await store.hincrby(`chat:names:${room}`, name, 1);
  await moved.publish(room, null);
}

async function leave(room: string, name: string): Promise<void> {
  if ((await store.hincrby(`chat:names:${room}`, name, -1)) <= 0) await store.hdel(`chat:names:${room}`, name);
  await moved.publish(room, null);
}

function nameOf({ args }: HttpWebSocket): string {
  const name = args.get("name")?.trim() ?? "";
  return name !== "" && name.length <= longestName ? name : abort(400, `A name has 1 to ${longestName} characters.`);
}

export default app;
