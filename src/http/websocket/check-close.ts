import { outOfRange, wrongType } from "../../base/refusal.ts";

/** The longest reason of a Close: a control frame has 125 bytes, two of which are the code. */
const longestReason = 123;

/**
 * Checks what an application closes a WebSocket with. The codes 1004, 1005, 1006 and 1015 are never sent.
 *
 * @throws {TypeError} If the code is not a number, or the reason not a string.
 * @throws {RangeError} If the code may not be sent, or the reason is too long.
 * @see https://www.rfc-editor.org/rfc/rfc6455#section-7.4
 */
export function checkClose(code: number, reason: string): void {
  const rule = "'code' must be from 1000 to 1003, from 1007 to 1014, or from 3000 to 4999";
  if (typeof code !== "number") throw wrongType("close the WebSocket", rule, code);
  if (!isSendable(code)) throw outOfRange("close the WebSocket", rule, code);
  const must = `'reason' must be a string of at most ${longestReason} bytes of UTF-8`;
  if (typeof reason !== "string") throw wrongType("close the WebSocket", must, reason);
  if (Buffer.byteLength(reason) > longestReason) throw outOfRange("close the WebSocket", must, reason);
}

function isSendable(code: number): boolean {
  if (!Number.isInteger(code)) return false;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}
