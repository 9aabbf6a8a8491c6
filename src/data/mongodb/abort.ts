/** A function that is called when an operation is aborted; `this` is its signal. */
type Listener = (this: OperationSignal) => void;

/** @internal The part of an `AbortSignal` that the driver uses. */
export interface OperationSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: "abort", listener: Listener): void;
  removeEventListener(type: "abort", listener: Listener): void;
}

/**
 * @internal Aborts one operation of the driver. It is its own signal.
 *
 * The driver adds a listener to the signal and removes it again at four places in each operation. Node's own signals
 * are event targets, which are made for few and long-lived listeners. With them, the listeners take a tenth of the time
 * of an operation.
 */
export class OperationAbort implements OperationSignal {
  #aborted = false;
  #reason: unknown;
  // There is usually at most one listener. An array would be allocated four times in each operation.
  #first: Listener | undefined;
  #others: Listener[] | undefined;

  get aborted(): boolean {
    return this.#aborted;
  }

  get reason(): unknown {
    return this.#reason;
  }

  /** The number of listeners. */
  get size(): number {
    return (this.#first === undefined ? 0 : 1) + (this.#others?.length ?? 0);
  }

  /** Aborts the operation. A second call has no effect. */
  abort(reason: unknown): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason;
    const listeners = [this.#first, ...(this.#others ?? [])];
    this.#first = this.#others = undefined;
    for (const listener of listeners) listener?.call(this);
  }

  throwIfAborted(): void {
    if (this.#aborted) throw this.#reason;
  }

  addEventListener(_: "abort", listener: Listener): void {
    if (this.#aborted) return;
    if (this.#first === undefined) this.#first = listener;
    // An empty array to which one item is pushed gets room for 17.
    else if (this.#others === undefined) this.#others = [listener];
    else this.#others.push(listener);
  }

  removeEventListener(_: "abort", listener: Listener): void {
    if (this.#first === listener) this.#first = undefined;
    else this.#removeOther(listener);
  }

  #removeOther(listener: Listener): void {
    const place = this.#others?.lastIndexOf(listener) ?? -1;
    if (place >= 0) this.#others!.splice(place, 1);
  }
}
