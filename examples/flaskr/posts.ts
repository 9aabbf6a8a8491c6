import { database } from "./database.ts";

/** A post, with the name of its author. */
export interface Post {
  readonly id: number;
  readonly title: string;
  readonly body: string;
  readonly created: Date;
  readonly author_id: number;
  readonly username: string;
}

const select = `
  SELECT p.id, title, body, created, author_id, username
  FROM post p JOIN user u ON p.author_id = u.id`;

/** All posts, the newest first. */
export function listPosts(): Post[] {
  return database.prepare(`${select} ORDER BY created DESC, p.id DESC`).all().map(toPost);
}

/** The post of an id. */
export function findPost(id: number): Post | undefined {
  const row = database.prepare(`${select} WHERE p.id = ?`).get(id);
  return row === undefined ? undefined : toPost(row);
}

/** Adds a post. */
export function addPost(title: string, body: string, author: number): void {
  database.prepare("INSERT INTO post (title, body, author_id) VALUES (?, ?, ?)").run(title, body, author);
}

/** Changes a post. */
export function changePost(id: number, title: string, body: string): void {
  database.prepare("UPDATE post SET title = ?, body = ? WHERE id = ?").run(title, body, id);
}

/** Removes a post. */
export function removePost(id: number): void {
  database.prepare("DELETE FROM post WHERE id = ?").run(id);
}

// SQLite keeps times as text, in UTC.
function toPost(row: Record<string, unknown>): Post {
  return { ...row, created: new Date(`${String(row["created"])}Z`) } as Post;
}
