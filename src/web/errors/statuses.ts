// The errors that say that it is up to the client, one for each status; those that carry more are in http-errors.ts.
// @see https://www.rfc-editor.org/rfc/rfc9110#section-15.5

import { HTTPError, type HTTPErrorOptions } from "./http-error.ts";

/** 401: the client must say who it is. */
export class Unauthorized extends HTTPError {
  override readonly name = "Unauthorized";

  constructor(description?: string, options?: HTTPErrorOptions) {
    super(401, description, options);
  }
}

/** 402: it is to be paid for. */
export class PaymentRequired extends HTTPError {
  override readonly name = "PaymentRequired";

  constructor(description?: string, options?: HTTPErrorOptions) {
    super(402, description, options);
  }
}

/** 403: the client may not have this. */
export class Forbidden extends HTTPError {
  override readonly name = "Forbidden";

  constructor(description?: string, options?: HTTPErrorOptions) {
    super(403, description, options);
  }
}

/** 406: there is nothing that the client would take. */
export class NotAcceptable extends HTTPError {
  override readonly name = "NotAcceptable";

  constructor(description?: string, options?: HTTPErrorOptions) {
    super(406, description, options);
  }
}

/** 408: the request took too long to come. */
export class RequestTimeout extends HTTPError {
  override readonly name = "RequestTimeout";

  constructor(description?: string, options?: HTTPErrorOptions) {
    super(408, description, options);
  }
}

/** 409: it does not go with what is there. */
export class Conflict extends HTTPError {
  override readonly name = "Conflict";

  constructor(description?: string, options?: HTTPErrorOptions) {
    super(409, description, options);
  }
}

/** 410: it was here, and will not be again. */
export class Gone extends HTTPError {
  override readonly name = "Gone";

  constructor(description?: string, options?: HTTPErrorOptions) {
    super(410, description, options);
  }
}

/** 411: the body must say how long it is. */
export class LengthRequired extends HTTPError {
  override readonly name = "LengthRequired";

  constructor(description?: string, options?: HTTPErrorOptions) {
    super(411, description, options);
  }
}

/** 412: a condition of the request does not hold. */
export class PreconditionFailed extends HTTPError {
  override readonly name = "PreconditionFailed";

  constructor(description?: string, options?: HTTPErrorOptions) {
    super(412, description, options);
  }
}

/** 414: the address is too long. */
export class URITooLong extends HTTPError {
  override readonly name = "URITooLong";

  constructor(description?: string, options?: HTTPErrorOptions) {
    super(414, description, options);
  }
}

/** 415: the body is of a type that is not taken here. */
export class UnsupportedMediaType extends HTTPError {
  override readonly name = "UnsupportedMediaType";

  constructor(description?: string, options?: HTTPErrorOptions) {
    super(415, description, options);
  }
}

/** 416: there is no such part of it. */
export class RangeNotSatisfiable extends HTTPError {
  override readonly name = "RangeNotSatisfiable";

  constructor(description?: string, options?: HTTPErrorOptions) {
    super(416, description, options);
  }
}

/** 417: what the request expects cannot be done. */
export class ExpectationFailed extends HTTPError {
  override readonly name = "ExpectationFailed";

  constructor(description?: string, options?: HTTPErrorOptions) {
    super(417, description, options);
  }
}

/** 418: no coffee here. */
export class ImATeapot extends HTTPError {
  override readonly name = "ImATeapot";

  constructor(description?: string, options?: HTTPErrorOptions) {
    super(418, description, options);
  }
}

/** 421: this server does not answer for that host. */
export class MisdirectedRequest extends HTTPError {
  override readonly name = "MisdirectedRequest";

  constructor(description?: string, options?: HTTPErrorOptions) {
    super(421, description, options);
  }
}

/** 422: the body can be read, but not be used. */
export class UnprocessableContent extends HTTPError {
  override readonly name = "UnprocessableContent";

  constructor(description?: string, options?: HTTPErrorOptions) {
    super(422, description, options);
  }
}

/** 423: somebody else holds it. */
export class Locked extends HTTPError {
  override readonly name = "Locked";

  constructor(description?: string, options?: HTTPErrorOptions) {
    super(423, description, options);
  }
}

/** 424: what this hangs on failed. */
export class FailedDependency extends HTTPError {
  override readonly name = "FailedDependency";

  constructor(description?: string, options?: HTTPErrorOptions) {
    super(424, description, options);
  }
}

/** 428: the request must have a condition. */
export class PreconditionRequired extends HTTPError {
  override readonly name = "PreconditionRequired";

  constructor(description?: string, options?: HTTPErrorOptions) {
    super(428, description, options);
  }
}

/** 429: the client asks too often. */
export class TooManyRequests extends HTTPError {
  override readonly name = "TooManyRequests";

  constructor(description?: string, options?: HTTPErrorOptions) {
    super(429, description, options);
  }
}

/** 431: the headers are too large. */
export class RequestHeaderFieldsTooLarge extends HTTPError {
  override readonly name = "RequestHeaderFieldsTooLarge";

  constructor(description?: string, options?: HTTPErrorOptions) {
    super(431, description, options);
  }
}

/** 451: the law forbids it. */
export class UnavailableForLegalReasons extends HTTPError {
  override readonly name = "UnavailableForLegalReasons";

  constructor(description?: string, options?: HTTPErrorOptions) {
    super(451, description, options);
  }
}
