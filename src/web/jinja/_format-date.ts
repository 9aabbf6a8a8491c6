const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const months = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

const codes: Readonly<Record<string, (date: Date) => string>> = {
  Y: (date) => String(date.getUTCFullYear()).padStart(4, "0"),
  y: (date) => two(date.getUTCFullYear() % 100),
  m: (date) => two(date.getUTCMonth() + 1),
  d: (date) => two(date.getUTCDate()),
  H: (date) => two(date.getUTCHours()),
  I: (date) => two(date.getUTCHours() % 12 || 12),
  M: (date) => two(date.getUTCMinutes()),
  S: (date) => two(date.getUTCSeconds()),
  f: (date) => String(date.getUTCMilliseconds() * 1_000).padStart(6, "0"),
  p: (date) => (date.getUTCHours() < 12 ? "AM" : "PM"),
  A: (date) => days[date.getUTCDay()]!,
  a: (date) => days[date.getUTCDay()]!.slice(0, 3),
  B: (date) => months[date.getUTCMonth()]!,
  b: (date) => months[date.getUTCMonth()]!.slice(0, 3),
  w: (date) => String(date.getUTCDay()),
  u: (date) => String(date.getUTCDay() || 7),
  j: (date) => String(dayOfYear(date)).padStart(3, "0"),
  s: (date) => String(Math.floor(date.getTime() / 1_000)),
  F: (date) => formatDate(date, "%Y-%m-%d"),
  T: (date) => formatDate(date, "%H:%M:%S"),
  R: (date) => formatDate(date, "%H:%M"),
  x: (date) => formatDate(date, "%m/%d/%y"),
  X: (date) => formatDate(date, "%H:%M:%S"),
  c: (date) =>
    `${formatDate(date, "%a %b ")}${String(date.getUTCDate()).padStart(2)}${formatDate(date, " %H:%M:%S %Y")}`,
  z: () => "+0000",
  Z: () => "UTC",
  "%": () => "%",
};

/**
 * Writes a date by Python's codes, in UTC: `%Y-%m-%d`.
 *
 * @see https://docs.python.org/3/library/datetime.html#format-codes
 */
export function formatDate(date: Date, format: string): string {
  if (Number.isNaN(date.getTime())) return "Invalid Date";
  return format.replace(/%(-?)([A-Za-z%])/g, (whole, bare: string, code: string) => {
    const text = codes[code]?.(date);
    if (text === undefined) return whole;
    return bare === "" ? text : text.replace(/^0+(?=\d)/, "");
  });
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

function dayOfYear(date: Date): number {
  return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000) + 1;
}
