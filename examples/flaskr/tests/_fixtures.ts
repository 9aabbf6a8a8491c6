// For the tests: an application with a database of its own, in which there are two users and a post.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync, type SQLOutputValue } from "node:sqlite";
import type { TestContext } from "node:test";
import { generatePasswordHash, type Pottle, type TestClient, type TestResponse } from "pottle";
import createApp from "../app.ts";
import { initDatabase } from "../database.ts";

const data = readFileSync(join(import.meta.dirname, "data.sql"), "utf8");
const hash = await generatePasswordHash("test");

/** A file for a database, which is removed after the test. */
export function temporaryFile(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "pottle-flaskr-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "flaskr.sqlite");
}

/** The application with its test data, and a client of it. */
export class Fixture {
  readonly file: string;
  readonly app: Pottle;
  readonly client: TestClient;

  constructor(context: TestContext) {
    this.file = temporaryFile(context);
    initDatabase(this.file);
    this.#open((database) => {
      database.exec(data);
      database.prepare("UPDATE user SET password = ?").run(hash);
    });
    this.app = createApp({ database: this.file });
    this.client = this.app.testClient();
  }

  /** The first row of a query. */
  row(sql: string): Record<string, SQLOutputValue> | undefined {
    return this.#open((database) => database.prepare(sql).get());
  }

  async text(path: string): Promise<string> {
    const response = await this.client.get(path);
    assert.equal(response.status, 200);
    return response.text();
  }

  /** Sends a form with the token of a page. */
  async post(path: string, fields: Readonly<Record<string, string>> = {}): Promise<TestResponse> {
    const [, token = ""] = /name="csrf_token" value="([^"]+)"/.exec(await this.text(this.#formPage)) ?? [];
    return this.client.post(path, { form: { csrf_token: token, ...fields } });
  }

  async logIn(username = "test", password = "test"): Promise<TestResponse> {
    const response = await this.post("/auth/login", { username, password });
    this.#formPage = response.status === 303 ? "/" : "/auth/login";
    return response;
  }

  async logOut(): Promise<void> {
    await this.post("/auth/logout");
    this.#formPage = "/auth/login";
  }

  #formPage = "/auth/login";

  #open<T>(use: (database: DatabaseSync) => T): T {
    using database = new DatabaseSync(this.file);
    return use(database);
  }
}
