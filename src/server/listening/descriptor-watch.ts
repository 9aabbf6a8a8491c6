/**
 * Tells when a process has no file descriptor left. Node does not tell: libuv keeps one in reserve, accepts with it
 * and closes the connection at once, until no connection waits. So the loop does not spin and clients do not wait, but
 * neither Node nor its servers are told. Accepting need not be paused.
 */

import { closeSync, openSync } from "node:fs";
import { callExceptionHandler } from "../../asyncio/index.ts";

/** The time between two looks, in milliseconds: each is two system calls. */
const lookPause = 1_000;
/** The least time between two reports, in milliseconds. */
const reportPause = 60_000;

/** Looks from time to time whether there is a file descriptor to be had. */
export class DescriptorWatch {
  readonly #isFree: () => boolean;
  #nextLook = 0;
  #nextReport = 0;
  #isShort = false;

  /** @param isFree Whether there is one. */
  constructor(isFree: () => boolean = hasFreeDescriptor) {
    this.#isFree = isFree;
  }

  /** @param now The time in milliseconds, from any beginning on. */
  look(now: number): void {
    if (now < this.#nextLook) return;
    this.#nextLook = now + lookPause;
    const wasShort = this.#isShort;
    this.#isShort = !this.#isFree();
    if (!this.#isShort || wasShort || now < this.#nextReport) return;
    this.#nextReport = now + reportPause;
    callExceptionHandler({
      message:
        "Cannot accept connections as no file descriptor is free: the system closes new ones until there is. " +
        "Raise the limit of the process (ulimit -n, LimitNOFILE), or lower maxConnections",
    });
  }
}

// Where there is no such file, nothing is found to be short.
function hasFreeDescriptor(): boolean {
  try {
    closeSync(openSync("/dev/null", "r"));
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code !== "EMFILE" && code !== "ENFILE";
  }
}
