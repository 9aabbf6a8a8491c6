import { Event } from "../../asyncio/index.ts";
import { Lifespan } from "../../http/index.ts";
import { type BackgroundTaskOptions, BackgroundTasks } from "./background-tasks.ts";

/** The lifespan of an application. It ends background tasks before it closes the resources that they may use. */
export class ApplicationLifespan extends Lifespan {
  /** Set when the application begins to stop. */
  readonly shutdownEvent: Event = new Event({ name: "application shutdown" });
  /** Called when all start functions have run. */
  onStarted: (() => void) | undefined;
  readonly #tasks: BackgroundTasks;

  /** @param backgroundTaskTimeout Time, in milliseconds, that background tasks have to end. */
  constructor(backgroundTaskTimeout: number) {
    super();
    this.#tasks = new BackgroundTasks(backgroundTaskTimeout);
  }

  /**
   * Starts a background task.
   *
   * @throws {InvalidStateError} If the application is stopping.
   */
  addTask(fn: () => unknown, options: BackgroundTaskOptions): void {
    this.#tasks.add(fn, options);
  }

  override async start(): Promise<void> {
    if (this.started) return;
    this.shutdownEvent.clear();
    this.#tasks.open();
    try {
      await super.start();
      this.onStarted?.();
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
