// One file of SQLite, which Node brings with it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** The database; its tables are there. */
export const database: DatabaseSync = new DatabaseSync(
  process.env["DATABASE"] ?? join(import.meta.dirname, "flaskr.sqlite"),
);

database.exec("PRAGMA foreign_keys = ON");
database.exec(readFileSync(join(import.meta.dirname, "schema.sql"), "utf8"));
