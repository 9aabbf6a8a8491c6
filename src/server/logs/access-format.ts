import { formatAccessEntry } from "../../http/index.ts";
import { cannot, wrongType } from "../../base/refusal.ts";
import { type AccessFormat, cancelledField, textOfDropped } from "./access-line.ts";
import { formatCombined } from "./combined-line.ts";
import { compileFormatString } from "./format-string.ts";
import { formatJson, jsonOfDropped } from "./json-line.ts";

/** The name of a format of an access log. */
export type AccessFormatName = "development" | "hypercorn" | "combined" | "json";

/** Hypercorn's own format. */
const hypercorn = '%(h)s %(l)s %(l)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s"';

const named: Readonly<Record<AccessFormatName, (action: string, hasColours: boolean) => AccessFormat>> = {
  development: (_, hasColours) => ({
    line: hasColours ? (entry) => formatAccessEntry(entry, paint) : (entry) => formatAccessEntry(entry),
    dropped: textOfDropped,
  }),
  hypercorn: (action) => {
    const line = compileFormatString(action, hypercorn);
    return { line: (entry, exchange) => line(entry, exchange) + cancelledField(entry), dropped: textOfDropped };
  },
  combined: () => ({ line: formatCombined, dropped: textOfDropped }),
  json: () => ({ line: formatJson, dropped: jsonOfDropped }),
};

/**
 * Makes a format of its name, or of a format string.
 *
 * @param hasColours - Whether the format for development paints the status.
 * @throws {TypeError} If `format` is not a string.
 * @throws {RangeError} If it is neither the name of a format nor a format string, or that has an atom that there is not.
 */
export function createAccessFormat(action: string, format: unknown, hasColours: boolean): AccessFormat {
  const rule = `the format must be ${Object.keys(named).join(", ")} or a string with %(…)s in it`;
  if (typeof format !== "string") throw wrongType(action, rule, format);
  if (Object.hasOwn(named, format)) return named[format as AccessFormatName](action, hasColours);
  if (!format.includes("%")) throw new RangeError(cannot(action, rule, format));
  return { line: compileFormatString(action, format), dropped: textOfDropped };
}

const colours: Readonly<Record<string, number>> = { 2: 32, 3: 36, 4: 33, 5: 31 };

function paint(status: string): string {
  return `\x1b[${colours[status[0] ?? ""] ?? 35}m${status}\x1b[39m`;
}
