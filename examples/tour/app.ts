// The tour: every example, served from one place.                  run it:  npm start
import { abort, makeResponse, Pottle, type HttpRequest } from "pottle";
import chat from "../chat/app.ts";
import cityscape from "../cityscape/app.ts";
import closedTab from "../closed-tab/app.ts";
import createFlaskr from "../flaskr/app.ts";
import hello from "../hello/app.ts";
import todos from "../todo-api/app.ts";
import uploads from "../upload/app.ts";
import episodes from "../web-crawl/site.ts";
import { evenIfItFails } from "./even-if-it-fails.ts";
import { frontPage } from "./front-page.ts";
import { programPage } from "./program-page.ts";
import { outputOf, type Program, programs } from "./programs.ts";

const app: Pottle = new Pottle(import.meta);

app.get("/", (_, request) => frontPage(originOf(request)));
app.mount("/hello", hello);
app.mount("/closed-tab", evenIfItFails("closed-tab", closedTab));
app.mount("/cityscape", cityscape);
app.mount("/episodes", episodes);
app.mount("/chat", evenIfItFails("chat", chat));
app.mount("/flaskr", createFlaskr({ loginPath: "/flaskr/auth/login" }));
app.mount("/upload", uploads);
app.mount("/todo-api", todos);

app.get("/programs/<folder>", ({ folder }, request) => programPage(find(folder), originOf(request)));

app.get("/programs/<folder>/<name>", ({ folder, name }) => {
  const run = find(folder).runs.find((one) => one.name === name) ?? abort(404, `There is no run ${name} of ${folder}.`);
  return makeResponse(outputOf(folder, run), 200, { "Content-Type": "text/plain; charset=utf-8" });
});

function find(folder: string): Program {
  return programs.find((program) => program.folder === folder) ?? abort(404, `There is no program ${folder}.`);
}

function originOf({ scheme, headers }: HttpRequest): string {
  return `${scheme}://${headers.get("Host") ?? "127.0.0.1"}`;
}

export default app;
