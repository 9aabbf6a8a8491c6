/** A view has answered with what the contract of its route does not have. The client gets a 500. */
export class ResponseValidationError extends Error {
  override readonly name = "ResponseValidationError";

  /** @internal */
  constructor(path: string, status: number, reason: string, options?: ErrorOptions) {
    super(
      `Cannot answer a request of '${path}' with ${status} as it breaks the contract of the route: ${reason}`,
      options,
    );
  }
}
