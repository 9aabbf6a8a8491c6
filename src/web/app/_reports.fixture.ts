import { setExceptionHandler } from "../../asyncio/index.ts";

/** Runs `body` and returns what was reported meanwhile. */
export async function reportsOf(body: () => Promise<unknown>): Promise<string[]> {
  const reports: string[] = [];
  const before = setExceptionHandler(({ message, error }) => reports.push(`${message}: ${String(error)}`));
  try {
    await body();
  } finally {
    setExceptionHandler(before);
  }
  return reports;
}
