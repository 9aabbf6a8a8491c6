import { Event } from "../../asyncio/index.ts";
import { Lifespan } from "../../http/index.ts";
import type { BackgroundTasks } from "./background-tasks.ts";

/** A lifespan that ends background tasks before anything that they may use is closed. */
export class ApplicationLifespan extends Lifespan {
  /** Set when the application begins to stop. */
  readonly shutdownEvent: Event = new Event({ name: "application shutdown" });
  readonly #tasks: BackgroundTasks;

  constructor(tasks: BackgroundTasks) {
    super();
    this.#tasks = tasks;
  }

  override async start(): Promise<void> {
    if (this.started) return;
    this.shutdownEvent.clear();
    this.#tasks.open();
    try {
      await super.start();
    } catch (error) {
      await this.#endTasks();
      throw error;
    }
  }

  override async stop(): Promise<void> {
    try {
      await this.#endTasks();
    } finally {
      await super.stop();
    }
  }

  async #endTasks(): Promise<void> {
    this.shutdownEvent.set();
    await this.#tasks.close();
  }
}
