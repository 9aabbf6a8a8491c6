// How a connection is noticed that fell silent: its peer is gone, or something between has begun to swallow what is sent.
// Nothing closes such a connection, and on a shared one every command would wait behind the first.
//
//   a reply is awaited      nothing has come for `socketTimeout`: the connection is given up
//   nothing is awaited      nothing has come for `pingInterval`: a PING is sent, whose reply is awaited as any other
//   reading is paused       no conclusion: the server may have sent something
//
// What was lost is found out within `socketTimeout`, or `pingInterval + socketTimeout` where nothing is asked. A timer per
// command would cost more than a command: there is one that looks, when it is due, whether it is due again.

import { outside } from "../../asyncio/index.ts";
import { startTimer } from "../../base/platform-timer.ts";

/** @internal What is watched. */
export interface Watched {
  /** How long the peer may be silent while a reply is awaited, in milliseconds. */
  readonly socketTimeout: number;
  /** How long it may be silent while none is, in milliseconds, before it is asked. */
  readonly pingInterval: number;
  /** Asks for a sign of life. */
  readonly ping: () => void;
  /** Called once, when the peer was silent for too long. */
  readonly onSilent: () => void;
}

/** @internal Watches whether a peer is silent. */
export class SilenceWatch {
  readonly #watched: Watched;
  #pending = 0;
  /** Since when the peer could have been heard: the last data, or the first command that waits for a reply. */
  #since = performance.now();
  /** How much longer than usual a reply may take, in milliseconds: for a command that waits on the server. */
  #allowance = 0;
  #isPaused = false;
  #replyTimer: NodeJS.Timeout | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(watched: Watched) {
    this.#watched = watched;
    this.#armIdle(watched.pingInterval);
  }

  /** The number of replies that are awaited. */
  get pending(): number {
    return this.#pending;
  }

  /** Says that a command was sent whose reply may take `allowance` milliseconds longer than usual. */
  sent(allowance: number): void {
    if (this.#pending++ === 0) this.#since = performance.now();
    if (allowance > 0) this.#allowance = allowance;
    if (this.#replyTimer === undefined) this.#armReply(this.#limit);
  }

  /** Says that a command has its reply. */
  settled(): void {
    this.#pending--;
    if (this.#allowance === 0) return;
    this.#allowance = 0;
    // It was set for the long wait that is over; the next command may not wait so long.
    clearTimeout(this.#replyTimer);
    this.#replyTimer = undefined;
    if (this.#pending > 0) this.#armReply(this.#limit);
  }

  /** Says that something came from the peer. */
  heard(): void {
    this.#since = performance.now();
  }

  /** Says that nothing is read, or that reading goes on. */
  pause(isPaused: boolean): void {
    this.#isPaused = isPaused;
    this.heard();
  }

  /** Ends the watch. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#replyTimer);
    clearTimeout(this.#idleTimer);
  }

  get #limit(): number {
    return this.#watched.socketTimeout + this.#allowance;
  }

  #armReply(ms: number): void {
    if (ms === Infinity || this.#isStopped) return;
    // Looked at after the next turn of I/O: if this process was busy for long, what came meanwhile is read first.
    this.#replyTimer = startTimer(outside, ms, () => setImmediate(() => this.#lookForReply()));
  }

  #lookForReply(): void {
    this.#replyTimer = undefined;
    if (this.#isStopped || this.#pending === 0) return;
    const rest = this.#since + this.#limit - performance.now();
    if (rest > 0 || this.#isPaused) return this.#armReply(this.#isPaused ? this.#limit : rest);
    this.stop();
    this.#watched.onSilent();
  }

  #armIdle(ms: number): void {
    if (ms === Infinity || this.#isStopped) return;
    this.#idleTimer = startTimer(outside, ms, () => this.#lookWhetherIdle());
  }

  #lookWhetherIdle(): void {
    const { pingInterval, ping } = this.#watched;
    const rest = this.#since + pingInterval - performance.now();
    this.#armIdle(rest > 0 ? rest : pingInterval);
    if (rest <= 0 && this.#pending === 0 && !this.#isPaused) ping();
  }
}
