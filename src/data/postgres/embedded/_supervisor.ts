// A process of its own between a server and the programs that use it: it stops the server when the last of them ends,
// however that ends. Each program holds a connection to it, which the system closes when the program is no more; the one
// that started it holds standard input until it has such a connection as well.

import { spawn } from "node:child_process";
import { openSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";

/** @internal What the supervisor is told, as JSON in its one argument. */
export interface ServerCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly logFile: string;
  readonly uid?: number;
  readonly gid?: number;
}

/** @internal What it says once the server has been started. */
export interface SupervisorReport {
  /** The server's process. */
  readonly pid: number;
  /** Where programs connect to the supervisor. */
  readonly port: number;
}

/** How long the server may take to end connections, and then to end at once, in milliseconds. */
const patience = 4_000;

const token = process.env["POTTLE_SUPERVISOR_TOKEN"];
const owners = new Set<Socket | "starter">(["starter"]);
const { program, args, cwd, logFile, ...user } = JSON.parse(process.argv[2]!) as ServerCommand;

const log = openSync(logFile, "a", 0o600);
const server = spawn(program, args, { ...user, cwd, stdio: ["ignore", log, log] });
server.once("error", () => process.exit(1));
server.once("exit", () => process.exit(0));

// A connection is kept half open: its other half is closed when the server has ended, so that one can wait for that.
const gate = createServer({ allowHalfOpen: true }, (socket) => {
  socket.on("error", () => {}); // `close` follows
  socket.once("data", (data) => admit(socket, data.toString())).resume();
  socket.once("end", () => leave(socket)).once("close", () => leave(socket));
});
gate.listen(0, "127.0.0.1", () => {
  const report: SupervisorReport = { pid: server.pid!, port: (gate.address() as AddressInfo).port };
  process.stdout.write(`${JSON.stringify(report)}\n`);
});

process.stdin.once("close", () => leave("starter")).resume();
process.stdout.on("error", () => {}); // the program is no more: standard input says so as well
process.once("SIGTERM", stop);
for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => {}); // meant for the program

function admit(socket: Socket, word: string): void {
  if (word !== token || owners.size === 0) return void socket.destroy();
  owners.add(socket);
  socket.write("ok");
}

function leave(owner: Socket | "starter"): void {
  if (!owners.delete(owner)) return;
  if (owners.size === 0) stop();
  else if (owner !== "starter") owner.end();
}

function stop(): void {
  owners.clear();
  gate.close();
  server.kill("SIGINT"); // ends connections, and saves
  setTimeout(() => server.kill("SIGQUIT"), patience);
  setTimeout(() => server.kill("SIGKILL"), 2 * patience);
}
