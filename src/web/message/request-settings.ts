import type { BodyLimits } from "../routing/body-limits.ts";
import type { JSONSource } from "./json-provider.ts";

/** The settings of a request. */
export interface RequestSettings extends Required<BodyLimits> {
  /** The application, which knows JSON. */
  readonly app: JSONSource;
}
