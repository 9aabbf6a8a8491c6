import { type Context, context, type Tracer } from "@opentelemetry/api";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { ContextMessage } from "../base/traced-operation.ts";

/** Returns the tracer of the current provider. */
export type Tracers = () => Tracer;

/** Subscribes to channels, each with its function. Returns a function that ends that. */
export function subscribeAll(listeners: Readonly<Record<string, (message: never) => void>>): () => void {
  const pairs = Object.entries(listeners) as [string, (message: unknown) => void][];
  for (const [name, listener] of pairs) subscribe(name, listener);
  return () => {
    for (const [name, listener] of pairs) unsubscribe(name, listener);
  };
}

/** Makes `inner` the active context of what begins after `message`. */
export function activate(message: ContextMessage, inner: Context): void {
  const { around } = message;
  message.around = (body) => context.with(inner, () => (around === undefined ? body() : around(body)));
}
