/**
 * Figures for Prometheus. Requests are counted by an ordinary subscriber of the diagnostics channels, from the start of its
 * application's lifespan to its stop. Before and after that nothing is counted or measured. Other figures are read at each
 * scrape.
 */

import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { allTasks } from "../../asyncio/index.ts";
import { outOfRange, wrongType } from "../../base/refusal.ts";
import {
  type AccessedExchange,
  type AccessEntry,
  type Application,
  type Exchange,
  Lifespan,
  type RequestEndMessage,
} from "../../http/index.ts";
import type { RequestRefusedMessage } from "../logs/server-channels.ts";
import { answerPlainly } from "../middleware/plain-answer.ts";
import { EventLoopWatch } from "./event-loop.ts";
import { Histogram } from "./histogram.ts";
import { PrometheusText, textFormat } from "./prometheus-text.ts";
import { writePublishedFigures } from "./published-figures.ts";
import { RequestCounts } from "./request-counts.ts";
import { runningServers } from "./running-servers.ts";

/** Options of {@link metrics}. */
export interface MetricsOptions {
  /**
   * The upper bounds, in seconds and increasing, of the ranges in which the durations of requests are counted.
   * @default [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
   */
  readonly buckets?: readonly number[];
}

/** The application that {@link metrics} makes. */
export interface MetricsApplication extends Application {
  /** The figures as text, as the application answers with them. */
  format(): string;
}

const defaultBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const action = "count for metrics";

/**
 * Makes an application that answers with figures of this process in the text format of Prometheus: requests, their
 * durations, how many are in flight, connections, how late the event loop is, tasks, and what pools and clients have
 * published. No label has a value that a client chooses.
 *
 * It counts the requests of all servers of the process from the start of its lifespan to its stop: mount it in an
 * application, dispatch a prefix to it, or serve it on a port of its own. It answers under every path, and asks for no
 * password.
 *
 * @throws {TypeError} If `buckets` is not a list of numbers.
 * @throws {RangeError} If they do not increase, or there is none.
 * @example
 * import type { Application } from "pottle/http";
 * const site: Application = { handle: (exchange) => exchange.respond(200, [], "Hello") };
 * await using server = await serve(dispatchByPrefix({ "/metrics": metrics(), "/": site }), { port: 0 });
 * await (await fetch(server.url)).text();
 * const text = await (await fetch(`${server.url}/metrics`)).text();
 * console.log(text.match(/pottle_http_requests_total{.+/)?.[0]); // pottle_http_requests_total{method="GET",status="2xx"} 1
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function metrics({ buckets = defaultBuckets }: MetricsOptions = {}): MetricsApplication {
  const collector = new Collector(checkBuckets(buckets));
  const lifespan = new Lifespan();
  lifespan.onStart(() => collector.open());
  lifespan.onStop(() => collector.close());
  return {
    lifespan,
    handle: (exchange) => answer(exchange, collector),
    format: () => collector.format(),
  };
}

function answer(exchange: Exchange, collector: Collector): Promise<void> {
  if (exchange.method === "GET" || exchange.method === "HEAD")
    return exchange.respond(200, ["Content-Type", textFormat], collector.format());
  return answerPlainly(exchange, 405, "Method Not Allowed", ["Allow", "GET, HEAD"]);
}

class Collector {
  readonly #requests = new RequestCounts();
  readonly #durations: Histogram;
  readonly #eventLoop = new EventLoopWatch();
  #errors = 0;
  #bytes = 0;

  constructor(buckets: readonly number[]) {
    this.#durations = new Histogram(buckets);
  }

  open(): void {
    subscribe("pottle:request:end", this.#ended);
    subscribe("pottle:request:refused", this.#refused);
    subscribe("pottle:request:error", this.#failed);
    this.#eventLoop.open();
  }

  close(): void {
    unsubscribe("pottle:request:end", this.#ended);
    unsubscribe("pottle:request:refused", this.#refused);
    unsubscribe("pottle:request:error", this.#failed);
    this.#eventLoop.close();
  }

  format(): string {
    const text = new PrometheusText();
    this.#requests.write(text);
    this.#durations.write(text, "pottle_http_request_duration_seconds", "From the head of a request to its end.");
    text.single("pottle_http_request_errors_total", "counter", "Errors that applications threw.", this.#errors);
    const help = "Bytes of the bodies of responses.";
    text.single("pottle_http_response_body_bytes_total", "counter", help, this.#bytes);
    writeServers(text);
    text.single("pottle_tasks", "gauge", "Tasks that are not done.", allTasks().size);
    this.#eventLoop.write(text);
    writePublishedFigures(text);
    return String(text);
  }

  readonly #ended = (message: unknown): void => {
    const { entry, exchange } = message as RequestEndMessage;
    this.#count(entry, exchange);
  };

  readonly #refused = (message: unknown): void => {
    this.#count((message as RequestRefusedMessage).entry, undefined);
  };

  readonly #failed = (): void => {
    this.#errors++;
  };

  #count(entry: AccessEntry, exchange: AccessedExchange | undefined): void {
    this.#requests.add(entry, exchange);
    this.#durations.observe(entry.milliseconds / 1_000);
    this.#bytes += entry.bytes;
  }
}

function writeServers(text: PrometheusText): void {
  let [connections, requests] = [0, 0];
  for (const server of runningServers) {
    const counts = server.statistics();
    connections += counts.connections;
    requests += counts.requests;
  }
  text.single("pottle_http_requests_in_flight", "gauge", "Requests that are running.", requests);
  text.single("pottle_connections", "gauge", "Connections that are open.", connections);
}

function checkBuckets(buckets: readonly number[]): readonly number[] {
  const rule = "'buckets' must be a list of increasing numbers";
  const isList = Array.isArray(buckets) && buckets.every((bound: unknown) => typeof bound === "number");
  if (!isList) throw wrongType(action, rule, buckets);
  const increases = buckets.every((bound, i) => Number.isFinite(bound) && (i === 0 || bound > buckets[i - 1]!));
  if (buckets.length === 0 || !increases) throw outOfRange(action, rule, buckets);
  return buckets.slice();
}
