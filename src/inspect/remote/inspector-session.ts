import { outside, park, type Park, timeout } from "../../asyncio/index.ts";
import { InspectError } from "./inspect-error.ts";

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** The inspector's description of a value. */
interface Evaluated {
  readonly result: { readonly value?: unknown };
  readonly exceptionDetails?: { readonly text: string; readonly exception?: { readonly description?: string } };
}

/** How long the other process may take for an answer, in milliseconds. */
const patience = 5_000;

/** A session with the inspector of another process. */
export class InspectorSession implements Disposable {
  readonly #pid: number;
  readonly #socket: WebSocket;
  readonly #calls = new Map<number, Park<unknown>>();
  readonly #listeners = new Map<string, (params: unknown) => void>();
  #count = 0;

  private constructor(pid: number, socket: WebSocket) {
    this.#pid = pid;
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => this.#received(JSON.parse(String(data)) as Answer));
    socket.addEventListener("close", () => this.#closed());
  }

  /** Opens a session. */
  static async connect(pid: number, url: string): Promise<InspectorSession> {
    const socket = outside(() => new WebSocket(url));
    const session = new InspectorSession(pid, socket);
    try {
      await timeout(patience, () =>
        park<void>({ kind: "inspector", name: url }, (wait) => {
          socket.addEventListener("open", () => wait.wake());
          socket.addEventListener("error", () => wait.fail(session.#closure()));
        }),
      );
    } catch (error) {
      session[Symbol.dispose]();
      throw error;
    }
    return session;
  }

  /** Calls `listener` for each event of the given kind. */
  on(event: string, listener: (params: unknown) => void): void {
    this.#listeners.set(event, listener);
  }

  /**
   * Calls a method of the inspector.
   *
   * @throws {InspectError} If the inspector does not answer or refuses.
   */
  async call(method: string, params: object = {}): Promise<unknown> {
    const id = ++this.#count;
    try {
      return await timeout(patience, () =>
        park<unknown>({ kind: "inspector", name: method }, (wait) => {
          if (this.#socket.readyState !== WebSocket.OPEN) throw this.#closure();
          this.#calls.set(id, wait);
          this.#socket.send(JSON.stringify({ id, method, params }));
        }),
      );
    } catch (error) {
      if (!(error instanceof Error) || error.name !== "TimeoutError") throw error;
      throw this.#silence("it does not answer: it may be in a call that nothing can interrupt", error);
    } finally {
      this.#calls.delete(id);
    }
  }

  /**
   * Evaluates an expression in the other process, even while that is in the middle of a step. With `awaitPromise`, it
   * waits for the promise that the expression returns, and so for the event loop of that process.
   */
  async evaluate(expression: string, awaitPromise = false): Promise<unknown> {
    const params = { expression, returnByValue: true, awaitPromise, silent: true };
    const { result, exceptionDetails } = (await this.call("Runtime.evaluate", params)) as Evaluated;
    if (exceptionDetails === undefined) return result.value;
    throw this.#silence(`it failed: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
  }

  /** Evaluates an expression in the other process as soon as possible, without waiting for the result. */
  post(expression: string): void {
    this.#socket.send(JSON.stringify({ id: ++this.#count, method: "Runtime.evaluate", params: { expression } }));
  }

  /** Ends the session when all messages have been sent. */
  [Symbol.dispose](): void {
    this.#socket.close();
  }

  #received({ id, method, params, result, error }: Answer): void {
    if (method !== undefined) this.#listeners.get(method)?.(params);
    const call = id === undefined ? undefined : this.#calls.get(id);
    if (error === undefined) call?.wake(result);
    else call?.fail(this.#silence(`its inspector refused: ${error.message}`));
  }

  #closed(): void {
    for (const call of this.#calls.values()) call.fail(this.#closure());
  }

  #closure(): InspectError {
    return new InspectError(this.#pid, "closed", "it ended, or closed its inspector, meanwhile");
  }

  #silence(reason: string, cause?: Error): InspectError {
    return new InspectError(this.#pid, "silent", reason, { cause });
  }
}
