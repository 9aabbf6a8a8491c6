const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const month = `(?<month>${months.join("|")})`;
const time = String.raw`(?<hour>[01]\d|2[0-3]):(?<minute>[0-5]\d):(?<second>[0-5]\d|60)`;
const dateFormats: readonly RegExp[] = [
  new RegExp(String.raw`^[A-Z][a-z]{2}, (?<day>\d\d) ${month} (?<year>\d{4}) ${time} GMT$`),
  new RegExp(String.raw`^[A-Z][a-z]{5,8}, (?<day>\d\d)-${month}-(?<year>\d\d) ${time} GMT$`),
  new RegExp(String.raw`^[A-Z][a-z]{2} ${month} (?<day>[ \d]\d) ${time} (?<year>\d{4})$`),
];
/** The longest of the three: `Wednesday, 06-Nov-94 08:49:37 GMT`. */
const maxLength = 33;

/**
 * Reads a date in one of the three formats of HTTP, in milliseconds since 1970. NaN if it is not one, which no comparison is
 * true of.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7
 */
export function parseHttpDate(header: string | undefined): number {
  const text = header?.trim() ?? "";
  if (text.length > maxLength) return NaN;
  const groups = dateFormats.map((format) => format.exec(text)?.groups).find((found) => found !== undefined);
  if (groups === undefined) return NaN;
  const [day, hour, minute, second] = [groups["day"], groups["hour"], groups["minute"], groups["second"]].map(Number);
  const monthIndex = months.indexOf(groups["month"] ?? "");
  const date = new Date(0);
  date.setUTCFullYear(fullYear(groups["year"] ?? ""), monthIndex, day);
  // 31 February would be 3 March.
  if (date.getUTCDate() !== day || date.getUTCMonth() !== monthIndex) return NaN;
  return date.setUTCHours(hour ?? 0, minute, second);
}

/** The date that a header has; `undefined` if it is not one. */
export function toDate(header: string | undefined): Date | undefined {
  const ms = parseHttpDate(header);
  return Number.isNaN(ms) ? undefined : new Date(ms);
}

/** Two digits are a year at most fifty years ahead. */
function fullYear(digits: string): number {
  if (digits.length === 4) return Number(digits);
  const now = new Date().getUTCFullYear();
  const year = now - (now % 100) + Number(digits);
  return year > now + 50 ? year - 100 : year;
}
