import { option } from "../../base/options.ts";
import { checkOptions } from "../shared/check-options.ts";
import type { Argument } from "./command-kinds.ts";

/** Options of {@link RedisRequests.set}. */
export interface SetOptions {
  /** The time to live, in seconds. @default none */
  readonly ex?: number;
  /** The time to live, in milliseconds. @default none */
  readonly px?: number;
  /** Whether to set the key only if it does not exist. @default false */
  readonly nx?: boolean;
  /** Whether to set the key only if it exists. @default false */
  readonly xx?: boolean;
  /** Whether the key retains its time to live. @default false */
  readonly keepttl?: boolean;
}

const setting = "send SET";

/** @internal The arguments after the value in a SET command. @throws {TypeError} If an option does not exist. */
export function setFlags(options: SetOptions): Argument[] {
  checkOptions(setting, options, ["ex", "px", "nx", "xx", "keepttl"]);
  const { ex, px, nx, xx, keepttl } = options;
  const words: Argument[] = [];
  if (ex !== undefined) words.push("EX", option(setting, "ex", ex).count({ from: 1 }));
  if (px !== undefined) words.push("PX", option(setting, "px", px).count({ from: 1 }));
  for (const [name, value] of Object.entries({ nx, xx, keepttl })) {
    if (value !== undefined && option(setting, name, value).boolean()) words.push(name.toUpperCase());
  }
  return words;
}
