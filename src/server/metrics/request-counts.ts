import type { AccessedExchange, AccessEntry } from "../../http/index.ts";
import { seenStatus } from "../logs/access-line.ts";
import type { PrometheusText } from "./prometheus-text.ts";

// A client may invent methods, and each would be a time series of its own.
const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "other"] as const;
const statuses = ["none", "1xx", "2xx", "3xx", "4xx", "5xx"] as const;
const indexes = new Map<string, number>(methods.map((method, i) => [method, i]));
const other = methods.length - 1;

/** Counts requests by their method and by the class of their status. */
export class RequestCounts {
  readonly #counts: number[] = Array.from({ length: methods.length * statuses.length }, () => 0);

  /** Counts a request that is over. */
  add(entry: AccessEntry, exchange: AccessedExchange | undefined): void {
    const method = indexes.get(entry.method) ?? other;
    const status = Math.floor((seenStatus(entry, exchange) ?? 0) / 100);
    this.#counts[method * statuses.length + status]!++;
  }

  /** Writes a sample for each pair that has come up. */
  write(text: PrometheusText): void {
    const name = "pottle_http_requests_total";
    text.begin(name, "counter", "Requests that are over. Without a status are those that were cancelled.");
    for (const [i, count] of this.#counts.entries()) {
      if (count === 0) continue;
      const method = methods[Math.floor(i / statuses.length)]!;
      text.sample(name, count, { method, status: statuses[i % statuses.length]! });
    }
  }
}
