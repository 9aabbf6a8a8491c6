import { option } from "../../base/options.ts";

/** How HTTP/2 is served, besides the options of the server for every protocol. */
export interface Http2Options {
  /**
   * How many requests a client may have under way on one connection. A client that begins more is disconnected, if it had
   * been told; the protocol has no other answer.
   * @default 100
   */
  readonly maxConcurrentStreams?: number;
  /**
   * How many bytes the head of a request may have, uncompressed, each header counted with 32 bytes more. A request with more
   * is reset with ENHANCE_YOUR_CALM, and the connection goes on. At most 98_304, as Node takes no
   * more than eight CONTINUATION frames of 16 KiB.
   * @default 65_536
   */
  readonly maxHeaderListSize?: number;
  /**
   * How many bytes of each request's body are read before anybody asks for them. As many again, and 80 KiB, may be under way
   * until the client is held back, with this one request: others are not. So `maxConcurrentStreams` of them is what
   * one connection can fill.
   * @default 65_536
   */
  readonly streamBuffer?: number;
  /**
   * How many requests in a row a client may take back; after that the connection is closed (GOAWAY).
   * @default 1_000
   * @see https://www.cve.org/CVERecord?id=CVE-2023-44487
   */
  readonly resetBurst?: number;
  /**
   * How many requests a second a client may take back in the long run.
   * @default 33
   */
  readonly resetRate?: number;
  /**
   * How many bytes in a row a client may send that are neither the head nor the body of a request that is served, nor make
   * room for a response: PING, SETTINGS, WINDOW_UPDATE, PRIORITY, heads that are refused, and the nine bytes before a piece of
   * a body that is shorter than 1_024 bytes. After that the connection is closed with ENHANCE_YOUR_CALM.
   * @default 262_144
   */
  readonly overheadBurst?: number;
  /**
   * How many such bytes a second a client may send in the long run.
   * @default 65_536
   */
  readonly overheadRate?: number;
}

/** What a server sets for every protocol: see its options. */
export interface CommonLimits {
  readonly keepAliveTimeout: number;
  readonly headersTimeout: number;
  readonly requestTimeout: number;
  readonly writeTimeout: number;
  readonly minBodyRate: number;
  readonly maxRequestsPerConnection: number;
}

/** {@link Http2Options} with nothing left open, and what a server sets for every protocol. */
export interface Http2Settings extends CommonLimits {
  readonly maxConcurrentStreams: number;
  readonly maxHeaderListSize: number;
  readonly streamBuffer: number;
  readonly resetBurst: number;
  readonly resetRate: number;
  readonly overheadBurst: number;
  readonly overheadRate: number;
}

/** The largest window of the protocol. */
const largestWindow = 0x7fff_ffff;
const mostStreams = 10_000;

/**
 * Fills in the defaults.
 *
 * @throws {RangeError} If a number is not one that its option can have.
 * @throws {TypeError} If an option is not a number.
 */
export function checkHttp2Options(options: Http2Options, serve: CommonLimits): Http2Settings {
  const { keepAliveTimeout, headersTimeout, requestTimeout, writeTimeout, minBodyRate, maxRequestsPerConnection } =
    serve;
  return {
    keepAliveTimeout,
    headersTimeout,
    requestTimeout,
    writeTimeout,
    minBodyRate,
    maxRequestsPerConnection,
    maxConcurrentStreams: count("maxConcurrentStreams", options.maxConcurrentStreams ?? 100, mostStreams),
    maxHeaderListSize: count("maxHeaderListSize", options.maxHeaderListSize ?? 65_536, 98_304, "bytes"),
    streamBuffer: count("streamBuffer", options.streamBuffer ?? 65_536, largestWindow, "bytes"),
    resetBurst: count("resetBurst", options.resetBurst ?? 1_000, largestWindow),
    resetRate: count("resetRate", options.resetRate ?? 33, largestWindow),
    overheadBurst: count("overheadBurst", options.overheadBurst ?? 262_144, Number.MAX_SAFE_INTEGER, "bytes"),
    overheadRate: count("overheadRate", options.overheadRate ?? 65_536, Number.MAX_SAFE_INTEGER, "bytes"),
  };
}

function count(name: string, value: number, to: number, unit?: string): number {
  return option("serve", `http2.${name}`, value).count({ from: 1, to, ...(unit !== undefined && { unit }) });
}
