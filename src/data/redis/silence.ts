// Detects a silent connection: one with a peer that is gone, or with a network that drops all data. Nothing closes such
// a connection, and on a shared connection every command would wait behind the first.
//
//   a reply is awaited      no data for `socketTimeout`: the connection is dropped
//   no reply is awaited     no data for `pingInterval`: a PING is sent, and its reply is awaited like any other
//   reading is paused       no conclusion: the server may have sent something
//
// A lost connection is detected within `socketTimeout`, or within `pingInterval + socketTimeout` if no command was
// sent. A timer for each command would cost more than the command. So there is one timer, which checks when it fires
// whether it must wait again.

import { outside } from "../../asyncio/index.ts";
import { startTimer } from "../../base/platform-timer.ts";

/** @internal The settings and callbacks of a {@link SilenceWatch}. */
export interface Watched {
  /** How long the peer may be silent while a reply is awaited, in milliseconds. */
  readonly socketTimeout: number;
  /** How long the peer may be silent while no reply is awaited before `ping` is called, in milliseconds. */
  readonly pingInterval: number;
  /** Asks the peer for a sign of life. */
  readonly ping: () => void;
  /** Called once when the peer was silent for too long. */
  readonly onSilent: () => void;
}

/** @internal Watches a peer for silence. */
export class SilenceWatch {
  readonly #watched: Watched;
  #pending = 0;
  /** The beginning of the silence: the time of the last data, or of the first command that waits for a reply. */
  #since = performance.now();
  /** The additional time that a reply may take, in milliseconds, because the command blocks on the server. */
  #allowance = 0;
  #isPaused = false;
  #replyTimer: NodeJS.Timeout | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(watched: Watched) {
    this.#watched = watched;
    this.#armIdle(watched.pingInterval);
  }

  /** The number of awaited replies. */
  get pending(): number {
    return this.#pending;
  }

  /** Must be called when a command is sent. Its reply may take `allowance` milliseconds longer than usual. */
  sent(allowance: number): void {
    if (this.#pending++ === 0) this.#since = performance.now();
    if (allowance > 0) this.#allowance = allowance;
    if (this.#replyTimer === undefined) this.#armReply(this.#limit);
  }

  /** Must be called when a command has its reply. */
  settled(): void {
    this.#pending--;
    if (this.#allowance === 0) return;
    this.#allowance = 0;
    // The timer was set for a longer wait than the next command may have.
    clearTimeout(this.#replyTimer);
    this.#replyTimer = undefined;
    if (this.#pending > 0) this.#armReply(this.#limit);
  }

  /** Must be called when data arrives from the peer. */
  heard(): void {
    this.#since = performance.now();
  }

  /** Must be called when reading is paused or resumed. */
  pause(isPaused: boolean): void {
    this.#isPaused = isPaused;
    this.heard();
  }

  /** Stops the watch. */
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
    // The check runs after the next round of I/O: if this process was busy for long, data that arrived meanwhile is
    // read first.
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
