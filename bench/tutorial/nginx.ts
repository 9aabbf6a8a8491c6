import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFreePort, untilItAnswers } from "../shared/free-port.ts";
import { startServer } from "../shared/program.ts";

/** A folder that nginx serves. */
export interface Nginx extends AsyncDisposable {
  readonly url: string;
}

/** Serves the files of `folder` by an nginx of its own on loopback. */
export async function startNginx(folder: string): Promise<Nginx> {
  await using stack = new AsyncDisposableStack();
  const place = await mkdtemp(join(tmpdir(), "pottle-nginx-"));
  stack.defer(() => rm(place, { recursive: true, force: true }));
  const port = await findFreePort();
  const settings = join(place, "nginx.conf");
  await writeFile(settings, configuration(folder, place, port));
  const server = stack.use(await startServer(["nginx", "-p", place, "-e", "stderr", "-c", settings]));
  const url = `http://127.0.0.1:${port}/`;
  await untilItAnswers(server, url);
  const owned = stack.move();
  return { url, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function configuration(folder: string, place: string, port: number): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (kind) => `${kind}_temp_path ${place}/${kind};`,
  );
  return `${process.getuid?.() === 0 ? "user root;" : ""}
daemon off;
worker_processes 1;
pid ${place}/nginx.pid;
events { worker_connections 1024; }
http {
  ${temporary.join("\n  ")}
  types { text/html html; }
  charset utf-8;
  access_log off;
  server { listen 127.0.0.1:${port}; root ${folder}; }
}
`;
}
