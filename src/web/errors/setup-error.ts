/** An application or a blueprint was set up too late, or in a way in which it cannot be. */
export class SetupError extends Error {
  override readonly name = "SetupError";
}
