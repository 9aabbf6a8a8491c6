// The city API as it was: every wait stops the thread.                          run it:  node app.ts [PORT]
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { unescape } from "node:querystring";
import { eventsTime, locationTime, place, sunTime, sunTimesOfDay } from "../cached-data.ts";

type View = (...args: string[]) => unknown;

const routes: readonly [path: RegExp, view: View][] = [
  [/^\/$/, () => "Welcome to the city_scape API. Use /api/city/* for API calls."],
  [/^\/api\/weather\/([^/]+)\/([^/]+)$/, weather],
  [/^\/api\/sun\/([^/]+)\/([^/]+)$/, sun],
  [/^\/api\/events\/([^/]+)\/([^/]+)\/([^/]+)$/, events],
];

function weather(): unknown {
  return { reason: "no API key", status: "disabled" };
}

function sun(zip: string, country: string): unknown {
  return forToday(getLatLong(zip, country));
}

function events(city: string, state: string, country: string): unknown {
  block(eventsTime); // the slow view
  return { city, country, name: "Jeff the player", state };
}

function getLatLong(_zip: string, _country: string): readonly [number, number] {
  block(locationTime());
  return place;
}

function forToday(_place: readonly [number, number]): unknown {
  block(sunTime());
  return sunTimesOfDay;
}

/** As a blocking library does: nothing happens in this thread until it is over. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

const server = createServer((request, response) => {
  // It takes what is no encoding as it is: an error here would end the program.
  const path = unescape((request.url ?? "/").replace(/\?.*/, ""));
  for (const [pattern, view] of routes) {
    const match = pattern.exec(path);
    if (match !== null) return send(response, 200, view(...match.slice(1)));
  }
  return send(response, 404, "Not Found");
});

function send(response: ServerResponse, status: number, body: unknown): void {
  const isText = typeof body === "string";
  response.writeHead(status, { "Content-Type": isText ? "text/html; charset=utf-8" : "application/json" });
  response.end(isText ? body : JSON.stringify(body));
}

server.listen(Number(process.argv[2] ?? 5001), "127.0.0.1", () => {
  console.log(`Serving on http://127.0.0.1:${(server.address() as AddressInfo).port} (Ctrl+C to stop)`);
});
