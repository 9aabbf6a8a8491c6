import type { Request } from "./rows.ts";

/** The script, in Lua, by which `wrk` sends requests in turn. */
export function wrkScript(requests: readonly Request[]): string {
  const formatted = requests.map(({ method = "GET", path, headers = {}, body }) => {
    const fields = Object.entries(headers).map(([name, value]) => `[${quote(name)}] = ${quote(value)}`);
    return `wrk.format(${quote(method)}, ${quote(path)}, { ${fields.join(", ")} }, ${body === undefined ? "nil" : quote(body)})`;
  });
  return `local requests, last = {}, 0
init = function(args)
  requests = {
    ${formatted.join(",\n    ")}
  }
end
request = function()
  last = last % #requests + 1
  return requests[last]
end
`;
}

/** A string of Lua: every byte but letters, digits and blanks as a decimal escape of three digits. */
function quote(text: string): string {
  const bytes = [...Buffer.from(text)];
  const escaped = bytes.map((byte) =>
    /[\w /-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `\\${String(byte).padStart(3, "0")}`,
  );
  return `"${escaped.join("")}"`;
}
