// The errors that say that it is up to the server, one for each status; 500 is in http-errors.ts.
// @see https://www.rfc-editor.org/rfc/rfc9110#section-15.6

import { HTTPError, type HTTPErrorOptions } from "./http-error.ts";

/** 501: nobody has built this. */
export class NotImplemented extends HTTPError {
  override readonly name = "NotImplemented";

  constructor(description?: string, options?: HTTPErrorOptions) {
    super(501, description, options);
  }
}

/** 502: a server behind this one gave a bad answer. */
export class BadGateway extends HTTPError {
  override readonly name = "BadGateway";

  constructor(description?: string, options?: HTTPErrorOptions) {
    super(502, description, options);
  }
}

/** 503: the server cannot answer now. */
export class ServiceUnavailable extends HTTPError {
  override readonly name = "ServiceUnavailable";

  constructor(description?: string, options?: HTTPErrorOptions) {
    super(503, description, options);
  }
}

/** 504: a server behind this one did not answer in time. */
export class GatewayTimeout extends HTTPError {
  override readonly name = "GatewayTimeout";

  constructor(description?: string, options?: HTTPErrorOptions) {
    super(504, description, options);
  }
}

/** 505: this version of HTTP is not spoken here. */
export class HTTPVersionNotSupported extends HTTPError {
  override readonly name = "HTTPVersionNotSupported";

  constructor(description?: string, options?: HTTPErrorOptions) {
    super(505, description, options);
  }
}
