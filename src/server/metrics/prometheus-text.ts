// Prometheus' text format: a help line, a type line and the samples of each metric.

/** The media type of the format. */
export const textFormat = "text/plain; version=0.0.4; charset=utf-8";

/** The labels of a sample. */
export type Labels = Readonly<Record<string, string>>;

/** The kind of a metric. */
export type MetricKind = "counter" | "gauge" | "histogram";

/** Collects metrics as text. */
export class PrometheusText {
  #text = "";

  /** Begins a metric; its samples follow. */
  begin(name: string, kind: MetricKind, help: string): this {
    this.#text += `# HELP ${name} ${help}\n# TYPE ${name} ${kind}\n`;
    return this;
  }

  /** Adds a sample. */
  sample(name: string, value: number, labels: Labels = {}): this {
    const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escapeLabel(text)}"`);
    this.#text += `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${formatValue(value)}\n`;
    return this;
  }

  /** Adds a metric of one sample. */
  single(name: string, kind: MetricKind, help: string, value: number): this {
    return this.begin(name, kind, help).sample(name, value);
  }

  toString(): string {
    return this.#text;
  }
}

/** A number as the format has it. */
export function formatValue(value: number): string {
  if (value === Infinity) return "+Inf";
  return value === -Infinity ? "-Inf" : String(value);
}

/** @see https://prometheus.io/docs/instrumenting/exposition_formats/#comments-help-text-and-type-information */
function escapeLabel(text: string): string {
  return text.replace(/[\\"\n]/g, (character) => (character === "\n" ? "\\n" : `\\${character}`));
}
