// A file of SQLite, which Node brings with it, and a connection for each request that asks for one.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { g, type Pottle } from "pottle";

interface Globals {
  databaseFile: string;
  database?: DatabaseSync;
}

/** Has each request of an application find the file, and close its connection when it is over. */
export function useDatabase(app: Pottle, file: string): void {
  app.beforeRequest(() => void (g<Globals>().databaseFile = file));
  app.teardownRequest(() => g<Globals>().database?.close());
}

/** The connection of the request. */
export function getDatabase(): DatabaseSync {
  const globals = g<Globals>();
  return (globals.database ??= new DatabaseSync(globals.databaseFile, { timeout: 5_000 }));
}

/** Clears the database, and makes its tables anew. */
export function initDatabase(file: string): void {
  using database = new DatabaseSync(file);
  database.exec(readFileSync(join(import.meta.dirname, "schema.sql"), "utf8"));
}

/** The file that `DATABASE` names, or the one in this folder. */
export function databaseFile(): string {
  return process.env["DATABASE"] ?? join(import.meta.dirname, "flaskr.sqlite");
}
