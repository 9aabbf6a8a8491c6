import { database } from "./database.ts";

/** A row of the table of users. */
export interface User {
  readonly id: number;
  readonly username: string;
  readonly password: string;
}

/** The user of an id. */
export function findUser(id: number): User | undefined {
  return database.prepare("SELECT * FROM user WHERE id = ?").get(id) as User | undefined;
}

/** The user of a name. */
export function findUserByName(username: string): User | undefined {
  return database.prepare("SELECT * FROM user WHERE username = ?").get(username) as User | undefined;
}

/** Adds a user; returns whether the name was free. */
export function addUser(username: string, passwordHash: string): boolean {
  const insert = database.prepare("INSERT INTO user (username, password) VALUES (?, ?) ON CONFLICT DO NOTHING");
  return insert.run(username, passwordHash).changes === 1;
}
