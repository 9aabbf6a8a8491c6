/** @internal Does nothing: for a listener that only has to be there, and a callback that has nothing to do. */
export function noop(): void {}
