import type { Exchange } from "../../http/index.ts";
import type { TestRequestOptions } from "./test-call.ts";
import { TestClient } from "./test-client.ts";

/** The request of `app.testRequestContext()`, besides its path. */
export interface TestContextOptions extends TestRequestOptions {
  /** @default "GET" */
  readonly method?: string;
}

/** Calls a function in the context of an exchange. */
export type RunInRequest<T> = (exchange: Exchange) => Promise<T>;

/**
 * Makes a request, calls a function in its context, and waits until the request is over.
 *
 * @throws The error of the function.
 */
export async function callInRequest<T>(path: string, options: TestContextOptions, run: RunInRequest<T>): Promise<T> {
  let outcome: { readonly value: T } | { readonly error: unknown } | undefined;
  const handle = async (exchange: Exchange): Promise<void> => {
    try {
      outcome = { value: await run(exchange) };
    } catch (error) {
      outcome = { error };
    }
    if (!exchange.responded) await exchange.respond(204, []);
  };
  const { method = "GET", ...rest } = options;
  await new TestClient({ handle }, {}).open(method, path, rest).response();
  if (outcome === undefined) throw new Error("Cannot call the function as its request was ended");
  if ("error" in outcome) throw outcome.error;
  return outcome.value;
}
