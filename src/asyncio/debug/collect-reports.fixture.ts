import { type ExceptionContext, setExceptionHandler } from "../core/errors/exception-handler.ts";
import { type DebugOptions, enableDebug } from "./enable-debug.ts";

/** @internal The reports of debug mode while a test runs. */
export interface Reports {
  readonly messages: string[];
  readonly contexts: ExceptionContext[];
  /** Returns the first report with a matching message; waits for it if necessary. */
  readonly next: (pattern: RegExp) => Promise<ExceptionContext>;
}

/** @internal Runs `body` in debug mode, and passes it the reports that are made meanwhile. */
export async function collectReports(options: DebugOptions, body: (reports: Reports) => Promise<void>): Promise<void> {
  const contexts: ExceptionContext[] = [];
  const messages: string[] = [];
  const expected = new Set<() => void>();
  const next = (pattern: RegExp): Promise<ExceptionContext> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = contexts.find(({ message }) => pattern.test(message));
        if (found === undefined) return;
        expected.delete(look);
        resolve(found);
      };
      expected.add(look);
      look();
    });
  const before = setExceptionHandler((context) => {
    contexts.push(context);
    messages.push(context.message);
    for (const look of expected) look();
  });
  const stop = enableDebug({ slowStepDuration: Infinity, ...options });
  try {
    await body({ contexts, messages, next });
  } finally {
    await stop();
    setExceptionHandler(before);
  }
}
