// What a program registers with OpenTelemetry, in small: a provider that keeps the spans, a context manager over
// `AsyncLocalStorage`, and the propagator of W3C Trace Context.

import { AsyncLocalStorage } from "node:async_hooks";
import {
  type Attributes,
  type Context,
  context,
  type ContextManager,
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  type SpanOptions,
  type SpanStatus,
  SpanStatusCode,
  type TextMapPropagator,
  trace,
  TraceFlags,
  type Tracer,
  type TracerProvider,
} from "@opentelemetry/api";

/** A span that was recorded. */
export class RecordedSpan implements Span {
  name: string;
  readonly kind: SpanKind;
  readonly parentId: string | undefined;
  attributes: Attributes = {};
  status: SpanStatus = { code: SpanStatusCode.UNSET };
  readonly exceptions: unknown[] = [];
  ends = 0;
  readonly #context: SpanContext;

  constructor(name: string, { kind = SpanKind.INTERNAL, attributes = {} }: SpanOptions, parent: Context, id: number) {
    const above = trace.getSpanContext(parent);
    this.name = name;
    this.kind = kind;
    this.parentId = above?.spanId;
    this.setAttributes(attributes);
    const traceId = above?.traceId ?? `f${String(id).padStart(31, "0")}`;
    this.#context = { traceId, spanId: `f${String(id).padStart(15, "0")}`, traceFlags: TraceFlags.SAMPLED };
  }

  spanContext(): SpanContext {
    return this.#context;
  }

  setAttribute(name: string, value: Attributes[string]): this {
    if (value !== undefined) this.attributes[name] = value;
    return this;
  }

  setAttributes(attributes: Attributes): this {
    for (const [name, value] of Object.entries(attributes)) this.setAttribute(name, value);
    return this;
  }

  setStatus(status: SpanStatus): this {
    this.status = status;
    return this;
  }

  updateName(name: string): this {
    this.name = name;
    return this;
  }

  recordException(exception: unknown): void {
    this.exceptions.push(exception);
  }

  end(): void {
    this.ends++;
  }

  isRecording(): boolean {
    return this.ends === 0;
  }

  addEvent(): this {
    return this;
  }

  addLink(): this {
    return this;
  }

  addLinks(): this {
    return this;
  }
}

/** Keeps all spans of its tracers. */
export class Recorder implements TracerProvider {
  readonly spans: RecordedSpan[] = [];

  getTracer(): Tracer {
    const startSpan = (name: string, options: SpanOptions = {}, parent: Context = context.active()): RecordedSpan => {
      const span = new RecordedSpan(name, options, parent, this.spans.length + 1);
      this.spans.push(span);
      return span;
    };
    return { startSpan, startActiveSpan: () => assertUnused() };
  }
}

function assertUnused(): never {
  throw new Error("startActiveSpan() is not used");
}

class Storage implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>();

  active(): Context {
    return this.#storage.getStore() ?? ROOT_CONTEXT;
  }

  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    inner: Context,
    fn: F,
    self?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    return this.#storage.run(inner, () => fn.apply(self, args));
  }

  bind<T>(_inner: Context, target: T): T {
    return target;
  }

  enable(): this {
    return this;
  }

  disable(): this {
    return this;
  }
}

const traceContext: TextMapPropagator = {
  inject(from, carrier, setter) {
    const span = trace.getSpanContext(from);
    if (span !== undefined && isSpanContextValid(span))
      setter.set(carrier, "traceparent", `00-${span.traceId}-${span.spanId}-01`);
  },
  extract(into, carrier, getter) {
    const found = /^00-([0-9a-f]{32})-([0-9a-f]{16})-01$/.exec(String(getter.get(carrier, "traceparent")));
    if (found === null) return into;
    const [, traceId, spanId] = found as unknown as [string, string, string];
    return trace.setSpanContext(into, { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true });
  },
  fields: () => ["traceparent"],
};

/** Registers all three. Returns the recorder, and a function that takes them off again. */
export function registerRecorder(): { recorder: Recorder; unregister: () => void } {
  const recorder = new Recorder();
  context.setGlobalContextManager(new Storage());
  propagation.setGlobalPropagator(traceContext);
  trace.setGlobalTracerProvider(recorder);
  const unregister = (): void => {
    context.disable();
    propagation.disable();
    trace.disable();
  };
  return { recorder, unregister };
}
