// The supervisor: a separate process between a server and the programs that use it. It stops the server when the last
// of these programs ends, for whatever reason. Each program holds a connection to the supervisor, which the system
// closes when the program ends. The program that started the supervisor holds its standard input open until it has such
// a connection too.

import { spawn } from "node:child_process";
import { openSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";

/** @internal The supervisor's only argument, as JSON. */
export interface ServerCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly logFile: string;
  readonly uid?: number;
  readonly gid?: number;
}

/** @internal The report of the supervisor when it has started the server. */
export interface SupervisorReport {
  /** The ID of the server's process. */
  readonly pid: number;
  /** The port on which the supervisor accepts programs. */
  readonly port: number;
}

/** How long the server may take for a fast shutdown, and then for an immediate shutdown, in milliseconds. */
const patience = 4_000;

const token = process.env["POTTLE_SUPERVISOR_TOKEN"];
const owners = new Set<Socket | "starter">(["starter"]);
const { program, args, cwd, logFile, ...user } = JSON.parse(process.argv[2]!) as ServerCommand;

const log = openSync(logFile, "a", 0o600);
const server = spawn(program, args, { ...user, cwd, stdio: ["ignore", log, log] });
server.once("error", () => process.exit(1));
server.once("exit", () => process.exit(0));

// Connections are kept half open: the supervisor closes its half when the server has ended, so that programs can wait
// for that.
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
process.stdout.on("error", () => {}); // the program has ended, which standard input shows too
process.once("SIGTERM", stop);
for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => {}); // these signals are meant for the program

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
  server.kill("SIGINT"); // ends connections and saves the data
  setTimeout(() => server.kill("SIGQUIT"), patience);
  setTimeout(() => server.kill("SIGKILL"), 2 * patience);
}
