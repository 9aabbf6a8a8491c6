// The time as text, made once a second: a Date for each line would cost more than all else in the line.

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;

let second = NaN;
let local = "";
let universal = "";

/** The time of this machine as web servers log it: `[27/Nov/2026:18:36:00 +0000]`. */
export function localLogTime(now: number = Date.now()): string {
  if (Math.floor(now / 1_000) !== second) renew(now);
  return local;
}

/** The time in UTC, to the millisecond: `2026-11-27T18:36:00.123Z`. */
export function universalLogTime(now: number = Date.now()): string {
  if (Math.floor(now / 1_000) !== second) renew(now);
  const ms = now % 1_000;
  return `${universal}${ms < 10 ? "00" : ms < 100 ? "0" : ""}${ms}Z`;
}

function renew(now: number): void {
  const date = new Date(now);
  second = Math.floor(now / 1_000);
  universal = date.toISOString().slice(0, -4);
  const day = `${two(date.getDate())}/${months[date.getMonth()]}/${date.getFullYear()}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  local = `[${day}:${time} ${formatOffset(-date.getTimezoneOffset())}]`;
}

function formatOffset(minutes: number): string {
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}${two(size % 60)}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
