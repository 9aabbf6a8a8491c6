// The errors that carry nothing besides their status, each made by one line. Those with more are in http-error.ts.
// @see https://www.rfc-editor.org/rfc/rfc9110#section-15

import { HTTPError, type HTTPErrorOptions } from "./http-error.ts";

/** An {@link HTTPError} of one status, told apart from the others by its name. */
export interface StatusError<Name extends string> extends HTTPError {
  readonly name: Name;
}

/** The class of the errors of one status. It can be extended. */
export interface StatusErrorClass<Name extends string> {
  /**
   * @param description The text of the page; it is shown to the client.
   * @default a sentence for the status
   */
  new (description?: string, options?: HTTPErrorOptions): StatusError<Name>;
  readonly prototype: StatusError<Name>;
}

const classes = new Map<number, StatusErrorClass<string>>();

/** The class for a status; `undefined` if it has none, or one whose errors carry more. */
export function classForStatus(status: number): StatusErrorClass<string> | undefined {
  return classes.get(status);
}

/** Makes the class for a status, and enters it in the table of {@link classForStatus}. */
function statusError<const Name extends string>(status: number, className: Name): StatusErrorClass<Name> {
  const Class = class extends HTTPError {
    override readonly name: Name = className;

    constructor(description?: string, options?: HTTPErrorOptions) {
      super(status, description, options);
    }
  };
  Object.defineProperty(Class, "name", { value: className });
  classes.set(status, Class);
  return Class;
}

/** 400: the request makes no sense. */
export const BadRequest: StatusErrorClass<"BadRequest"> = statusError(400, "BadRequest");
/** An error of status 400, as the class of this name makes it. */
export type BadRequest = StatusError<"BadRequest">;

/** 401: the client must say who it is. */
export const Unauthorized: StatusErrorClass<"Unauthorized"> = statusError(401, "Unauthorized");
/** An error of status 401, as the class of this name makes it. */
export type Unauthorized = StatusError<"Unauthorized">;

/** 402: the address must be paid for. */
export const PaymentRequired: StatusErrorClass<"PaymentRequired"> = statusError(402, "PaymentRequired");
/** An error of status 402, as the class of this name makes it. */
export type PaymentRequired = StatusError<"PaymentRequired">;

/** 403: the client may not have this. */
export const Forbidden: StatusErrorClass<"Forbidden"> = statusError(403, "Forbidden");
/** An error of status 403, as the class of this name makes it. */
export type Forbidden = StatusError<"Forbidden">;

/** 404: there is nothing at this address. */
export const NotFound: StatusErrorClass<"NotFound"> = statusError(404, "NotFound");
/** An error of status 404, as the class of this name makes it. */
export type NotFound = StatusError<"NotFound">;

/** 406: there is nothing that the client would take. */
export const NotAcceptable: StatusErrorClass<"NotAcceptable"> = statusError(406, "NotAcceptable");
/** An error of status 406, as the class of this name makes it. */
export type NotAcceptable = StatusError<"NotAcceptable">;

/** 408: the request took too long to come. */
export const RequestTimeout: StatusErrorClass<"RequestTimeout"> = statusError(408, "RequestTimeout");
/** An error of status 408, as the class of this name makes it. */
export type RequestTimeout = StatusError<"RequestTimeout">;

/** 409: the request does not go with what is there. */
export const Conflict: StatusErrorClass<"Conflict"> = statusError(409, "Conflict");
/** An error of status 409, as the class of this name makes it. */
export type Conflict = StatusError<"Conflict">;

/** 410: it was here, and will not be again. */
export const Gone: StatusErrorClass<"Gone"> = statusError(410, "Gone");
/** An error of status 410, as the class of this name makes it. */
export type Gone = StatusError<"Gone">;

/** 411: the request must say how long its body is. */
export const LengthRequired: StatusErrorClass<"LengthRequired"> = statusError(411, "LengthRequired");
/** An error of status 411, as the class of this name makes it. */
export type LengthRequired = StatusError<"LengthRequired">;

/** 412: a condition of the request does not hold. */
export const PreconditionFailed: StatusErrorClass<"PreconditionFailed"> = statusError(412, "PreconditionFailed");
/** An error of status 412, as the class of this name makes it. */
export type PreconditionFailed = StatusError<"PreconditionFailed">;

/** 414: the address is too long. */
export const URITooLong: StatusErrorClass<"URITooLong"> = statusError(414, "URITooLong");
/** An error of status 414, as the class of this name makes it. */
export type URITooLong = StatusError<"URITooLong">;

/** 415: the body is of a type that is not taken here. */
export const UnsupportedMediaType: StatusErrorClass<"UnsupportedMediaType"> = statusError(415, "UnsupportedMediaType");
/** An error of status 415, as the class of this name makes it. */
export type UnsupportedMediaType = StatusError<"UnsupportedMediaType">;

/** 416: the file has no such part. */
export const RangeNotSatisfiable: StatusErrorClass<"RangeNotSatisfiable"> = statusError(416, "RangeNotSatisfiable");
/** An error of status 416, as the class of this name makes it. */
export type RangeNotSatisfiable = StatusError<"RangeNotSatisfiable">;

/** 417: the expectation of the request cannot be met. */
export const ExpectationFailed: StatusErrorClass<"ExpectationFailed"> = statusError(417, "ExpectationFailed");
/** An error of status 417, as the class of this name makes it. */
export type ExpectationFailed = StatusError<"ExpectationFailed">;

/** 418: there is no coffee here. */
export const ImATeapot: StatusErrorClass<"ImATeapot"> = statusError(418, "ImATeapot");
/** An error of status 418, as the class of this name makes it. */
export type ImATeapot = StatusError<"ImATeapot">;

/** 421: this server does not answer for that host. */
export const MisdirectedRequest: StatusErrorClass<"MisdirectedRequest"> = statusError(421, "MisdirectedRequest");
/** An error of status 421, as the class of this name makes it. */
export type MisdirectedRequest = StatusError<"MisdirectedRequest">;

/** 422: the body can be read, but not be used. */
export const UnprocessableContent: StatusErrorClass<"UnprocessableContent"> = statusError(422, "UnprocessableContent");
/** An error of status 422, as the class of this name makes it. */
export type UnprocessableContent = StatusError<"UnprocessableContent">;

/** 423: another client holds what is at this address. */
export const Locked: StatusErrorClass<"Locked"> = statusError(423, "Locked");
/** An error of status 423, as the class of this name makes it. */
export type Locked = StatusError<"Locked">;

/** 424: a request that this one depends on failed. */
export const FailedDependency: StatusErrorClass<"FailedDependency"> = statusError(424, "FailedDependency");
/** An error of status 424, as the class of this name makes it. */
export type FailedDependency = StatusError<"FailedDependency">;

/** 428: the request must have a condition. */
export const PreconditionRequired: StatusErrorClass<"PreconditionRequired"> = statusError(428, "PreconditionRequired");
/** An error of status 428, as the class of this name makes it. */
export type PreconditionRequired = StatusError<"PreconditionRequired">;

/** 429: the client sent too many requests. */
export const TooManyRequests: StatusErrorClass<"TooManyRequests"> = statusError(429, "TooManyRequests");
/** An error of status 429, as the class of this name makes it. */
export type TooManyRequests = StatusError<"TooManyRequests">;

/** 431: the headers are too large. */
export const RequestHeaderFieldsTooLarge: StatusErrorClass<"RequestHeaderFieldsTooLarge"> = statusError(
  431,
  "RequestHeaderFieldsTooLarge",
);
/** An error of status 431, as the class of this name makes it. */
export type RequestHeaderFieldsTooLarge = StatusError<"RequestHeaderFieldsTooLarge">;

/** 451: the law forbids showing what is at this address. */
export const UnavailableForLegalReasons: StatusErrorClass<"UnavailableForLegalReasons"> = statusError(
  451,
  "UnavailableForLegalReasons",
);
/** An error of status 451, as the class of this name makes it. */
export type UnavailableForLegalReasons = StatusError<"UnavailableForLegalReasons">;

/** 500: a view failed. Its `cause` is the error that it failed with, of which the page says nothing. */
export const InternalServerError: StatusErrorClass<"InternalServerError"> = statusError(500, "InternalServerError");
/** An error of status 500, as the class of this name makes it. */
export type InternalServerError = StatusError<"InternalServerError">;

/** 501: the server cannot do what the request asks for. */
export const NotImplemented: StatusErrorClass<"NotImplemented"> = statusError(501, "NotImplemented");
/** An error of status 501, as the class of this name makes it. */
export type NotImplemented = StatusError<"NotImplemented">;

/** 502: a server behind this one gave a bad answer. */
export const BadGateway: StatusErrorClass<"BadGateway"> = statusError(502, "BadGateway");
/** An error of status 502, as the class of this name makes it. */
export type BadGateway = StatusError<"BadGateway">;

/** 503: the server cannot answer now. */
export const ServiceUnavailable: StatusErrorClass<"ServiceUnavailable"> = statusError(503, "ServiceUnavailable");
/** An error of status 503, as the class of this name makes it. */
export type ServiceUnavailable = StatusError<"ServiceUnavailable">;

/** 504: a server behind this one did not answer in time. */
export const GatewayTimeout: StatusErrorClass<"GatewayTimeout"> = statusError(504, "GatewayTimeout");
/** An error of status 504, as the class of this name makes it. */
export type GatewayTimeout = StatusError<"GatewayTimeout">;

/** 505: this version of HTTP is not spoken here. */
export const HTTPVersionNotSupported: StatusErrorClass<"HTTPVersionNotSupported"> = statusError(
  505,
  "HTTPVersionNotSupported",
);
/** An error of status 505, as the class of this name makes it. */
export type HTTPVersionNotSupported = StatusError<"HTTPVersionNotSupported">;
