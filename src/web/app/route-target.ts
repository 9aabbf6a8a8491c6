import type { RequestLimit } from "./deadline.ts";
import type { Layer } from "./nesting.ts";
import type { Mount } from "./mount.ts";
import type { BodySource } from "../message/from-result.ts";
import type { AnyView } from "./view.ts";

/** A view, and what is around it. */
export interface ViewTarget {
  readonly view: AnyView;
  readonly layer: Layer;
  /** The time that a request has. */
  readonly limit: RequestLimit;
  /** Names the view in an error. */
  readonly source: BodySource;
}

/** What a route leads to. */
export type RouteTarget = ViewTarget | Mount;

/** Whether it is an application that is mounted. */
export function isMount(target: RouteTarget): target is Mount {
  return "application" in target;
}
