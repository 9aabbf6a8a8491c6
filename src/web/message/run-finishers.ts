import type { HeaderList } from "../../http/index.ts";
import type { ResponseFinisher } from "./context.ts";

/**
 * Lets finishers add headers to what answers a request.
 *
 * @param finishers - The list of the request. One that fails is removed, so that an error page can be sent.
 */
export async function runFinishers(finishers: ResponseFinisher[], headers: HeaderList): Promise<void> {
  for (const finisher of finishers) {
    try {
      const pending = finisher(headers);
      if (pending !== undefined) await pending;
    } catch (error) {
      finishers.splice(finishers.indexOf(finisher), 1);
      throw error;
    }
  }
}
