/** @internal Does nothing: for a listener that only has to exist, or a callback without work. */
export function noop(): void {}
