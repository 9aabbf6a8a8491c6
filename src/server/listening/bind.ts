import { outOfRange, wrongType } from "../../base/refusal.ts";
import { socketPathOf } from "./unix-socket.ts";

/** One place to listen on. */
export interface Bind {
  /** An address or a name; of a Unix socket `unix:` and its path; of an open socket `fd://` and its number. */
  readonly host: string;
  /** 0 for any that is free, and for a socket that has none. */
  readonly port: number;
  /** The number of an open socket that listens already. */
  readonly fd?: number;
  /** Whether it speaks TLS. */
  readonly isSecure: boolean;
}

const rule =
  "'bind' must be 'host:port', '[::1]:port', 'unix:path' or 'fd://number', perhaps after 'http://' or 'https://'";

/**
 * Reads a place to listen on: `127.0.0.1:8000`, `[::]:8000`, `unix:/run/app.sock`, `fd://3`, a host or a port alone. With TLS, all places
 * speak it but those that begin with `http://`.
 *
 * @param port The port of a place that names none.
 * @throws {RangeError} If it is none of these, or wants TLS and there is none.
 */
export function parseBind(text: unknown, port: number, hasTls: boolean): Bind {
  if (typeof text !== "string") throw wrongType("serve", rule, text);
  const [, scheme, place = ""] = /^(?:(https?):\/\/)?(.*)$/s.exec(text) ?? [];
  if (scheme === "https" && !hasTls)
    throw outOfRange("serve", "a place that speaks HTTPS needs the option 'tls'", text);
  const isSecure = hasTls && scheme !== "http";
  const path = socketPathOf(place);
  if (path !== undefined && path !== "") return { host: place, port: 0, isSecure };
  const fd = /^fd:\/\/(\d{1,9})$/.exec(place)?.[1];
  if (fd !== undefined) return { host: place, port: 0, fd: Number(fd), isSecure };
  const [, address, name, digits] = /^(?:\[([\dA-Fa-f:.%\w]+)\]|([^\s:/[\]]*))(?::(\d{1,5}))?$/.exec(place) ?? [];
  const own = digits === undefined ? port : Number(digits);
  const host = address ?? name;
  if (host === undefined || own > 65_535 || (host === "" && digits === undefined))
    throw outOfRange("serve", rule, text);
  return { host: host === "" ? "::" : host, port: own, isSecure };
}
