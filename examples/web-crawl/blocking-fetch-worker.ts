import { type MessagePort, workerData } from "node:worker_threads";

/** What the worker answers. */
export interface Fetched {
  readonly text: string;
  readonly error?: string;
}

const { port, bell } = workerData as { port: MessagePort; bell: Int32Array };

port.on("message", (url: string) => void answer(url));

async function answer(url: string): Promise<void> {
  port.postMessage(await fetchPage(url));
  Atomics.store(bell, 0, 1);
  Atomics.notify(bell, 0);
}

async function fetchPage(url: string): Promise<Fetched> {
  try {
    const response = await fetch(url);
    if (!response.ok)
      throw new Error(`Cannot GET ${url} as the server answered ${response.status} ${response.statusText}`);
    return { text: await response.text() };
  } catch (error) {
    return { text: "", error: (error as Error).message };
  }
}
