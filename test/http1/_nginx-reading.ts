// nginx as a second judge, for what Node's parser does not look at: Host, transfer codings, versions, what stands behind
// a request. It answers each request that it takes with 204, and its method and target in a header.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const program = ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"].find((path) => existsSync(path));

/** Why there is no nginx to ask; `false` if there is one. */
export const skip: string | false =
  program !== undefined && spawnSync(program, ["-v"]).status === 0 ? false : "skipped: no nginx";

/** What nginx made of some bytes. */
export interface NginxReading {
  /** The requests that it took. */
  readonly taken: readonly string[];
  /** The status with which it refused what follows them; `undefined` if it refused nothing. */
  readonly refused: number | undefined;
}

/** Reads requests by an nginx on a Unix socket in a temporary folder. */
export class NginxReader implements AsyncDisposable {
  readonly #folder: string;
  readonly #child: ChildProcess;

  private constructor(folder: string, child: ChildProcess) {
    this.#folder = folder;
    this.#child = child;
  }

  /** Starts it. */
  static async start(): Promise<NginxReader> {
    const folder = mkdtempSync(join(tmpdir(), "pottle-nginx-"));
    writeFileSync(join(folder, "nginx.conf"), configuration(folder));
    const args = ["-p", folder, "-c", join(folder, "nginx.conf"), "-e", "stderr"];
    const child = spawn(program!, args, { stdio: ["ignore", "ignore", "pipe"] });
    const reader = new NginxReader(folder, child);
    await reader.#untilReady();
    return reader;
  }

  /** Reads Latin-1 text as one piece, then the end of the connection. */
  async read(text: string): Promise<NginxReading> {
    const socket = connect(join(this.#folder, "socket"));
    let answer = "";
    socket.setEncoding("latin1").on("data", (piece: string) => void (answer += piece));
    const closed = new Promise((resolve) => socket.once("close", resolve));
    // It closes the connection when it has refused a request, and does not read what follows.
    socket.on("error", () => socket.destroy());
    socket.end(Buffer.from(text, "latin1"));
    await closed;
    return readAnswers(answer);
  }

  /** Ends it, and removes its folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    const exited = this.#child.exitCode === null ? once(this.#child, "exit") : undefined;
    this.#child.kill("SIGKILL");
    await exited;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  // It says that it is ready at its level "notice", as the configuration asks for.
  #untilReady(): Promise<void> {
    const said = this.#child.stderr!.setEncoding("utf8");
    return new Promise((resolve, reject) => {
      let text = "";
      said.on("data", (piece: string) => {
        text += piece;
        if (text.includes("start worker process") || text.includes("using the")) resolve();
      });
      this.#child.once("exit", () => reject(new Error(`nginx has ended:\n${text}`)));
    });
  }
}

function configuration(folder: string): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder};`);
  return `daemon off; master_process off; pid ${folder}/pid; error_log stderr notice;
events { worker_connections 256; }
http {
  access_log off; lingering_close off; keepalive_timeout 5s; client_header_buffer_size 64k; ${temporary.join(" ")}
  server {
    listen unix:${folder}/socket;
    location / { add_header X-Read "$request_method $request_uri"; return 204; }
  }
}
`;
}

function readAnswers(answer: string): NginxReading {
  const taken: string[] = [];
  // A request of HTTP/0.9 is answered without a head: with nothing.
  for (const [head, status] of answer.matchAll(/HTTP\/1\.1 (\d+) [^]*?\r\n\r\n/g)) {
    if (status === "100") continue;
    if (status !== "204") return { taken, refused: Number(status) };
    taken.push(/^X-Read: (.*)\r$/m.exec(head)?.[1] ?? "");
  }
  return { taken, refused: undefined };
}
