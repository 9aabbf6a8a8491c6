import { HeaderList, type RawHeaders } from "../../http/index.ts";
import type { ResponseFinisher } from "../message/context.ts";

/**
 * The headers with what finishers add to them. One that fails is removed from the list, so that an error page can be sent.
 *
 * @throws The error of the finisher that fails.
 */
export async function finishHeaders(finishers: ResponseFinisher[], headers: RawHeaders): Promise<RawHeaders> {
  const list = new HeaderList(headers);
  for (const finisher of finishers) {
    try {
      const pending = finisher(list);
      if (pending !== undefined) await pending;
    } catch (error) {
      finishers.splice(finishers.indexOf(finisher), 1);
      throw error;
    }
  }
  return list.raw;
}
