import type { StandardSchemaV1 } from "@standard-schema/spec";
import { HTTPError } from "../errors/http-error.ts";

/**
 * A message of a WebSocket is not JSON, or not what a schema asks for. If a view lets it pass, the WebSocket is closed with
 * 1007, and nothing is reported: the error is the client's.
 */
export class WebSocketMessageError extends HTTPError {
  override readonly name = "WebSocketMessageError";
  /** The findings of the schema; empty if the message is not JSON. */
  readonly issues: readonly StandardSchemaV1.Issue[];

  constructor(description: string, issues: readonly StandardSchemaV1.Issue[] = [], options?: ErrorOptions) {
    super(400, description, options);
    this.issues = issues;
  }
}
