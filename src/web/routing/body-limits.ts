/** Limits of the body of a request: those of its application, as its route changes them. */
export interface BodyLimits {
  /**
   * Size limit of the body, in bytes. A larger one is answered with 413 when it is read.
   * @default 16_777_216
   */
  readonly maxContentLength?: number;
  /**
   * Size limit of the value of a field of a form, in bytes; of a form that is not multipart, of all of it. A larger one is
   * answered with 413.
   * @default 500_000
   */
  readonly maxFormMemorySize?: number;
  /**
   * The largest number of fields and files of a form. With more it is answered with 413.
   * @default 1_000
   */
  readonly maxFormParts?: number;
  /**
   * Time limit, in milliseconds, within which a body that is asked for as a whole must have arrived: by `bytes()`, `text()`,
   * `json()` or `form()`. It is answered with 408 otherwise. `Infinity` lifts the limit.
   * @default 60_000
   */
  readonly bodyTimeout?: number;
}

/** The limits of an application that has no others. */
export const defaultBodyLimits: Required<BodyLimits> = {
  maxContentLength: 2 ** 24,
  maxFormMemorySize: 500_000,
  maxFormParts: 1_000,
  bodyTimeout: 60_000,
};
