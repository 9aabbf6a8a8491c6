const nothing: Buffer = Buffer.alloc(0);

/**
 * @internal The bytes that have arrived and are not read yet, in one contiguous buffer, so that they can be searched.
 * The buffer grows by doubling, so each byte is moved a bounded number of times, however small the arriving chunks are.
 */
export class ByteBuffer {
  #store: Buffer = nothing;
  #start = 0;
  #end = 0;

  /** How many bytes are in the buffer. */
  get size(): number {
    return this.#end - this.#start;
  }

  /** All bytes, read-only: the next `append` or `take` may change them. */
  get view(): Buffer {
    return this.#store.subarray(this.#start, this.#end);
  }

  /** Adds bytes at the end. The caller must not change them afterwards. */
  append(bytes: Uint8Array): void {
    if (this.size === 0) {
      this.#set(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), bytes.byteLength);
      return;
    }
    if (this.#end + bytes.byteLength > this.#store.length) this.#grow(bytes.byteLength);
    this.#store.set(bytes, this.#end);
    this.#end += bytes.byteLength;
  }

  /** Removes and returns `count` bytes from the beginning. The returned bytes are not shared with the buffer. */
  take(count: number): Buffer {
    const taken = this.#store.subarray(this.#start, this.#start + count);
    if (count >= this.size) {
      this.#set(nothing, 0);
      return taken;
    }
    this.#start += count;
    return Buffer.from(taken);
  }

  #grow(by: number): void {
    const { size, view } = this;
    const store = Buffer.allocUnsafeSlow(Math.max(2 * size, size + by));
    store.set(view);
    this.#set(store, size);
  }

  #set(store: Buffer, size: number): void {
    this.#store = store;
    this.#start = 0;
    this.#end = size;
  }
}
