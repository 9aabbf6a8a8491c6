import type { ServeOptions, TlsOptions } from "../server/index.ts";
import { findFreePort } from "./find-free-port.ts";
import type { ConfigFile } from "./settings/find-config-file.ts";
import type { OptionValues, ServerName } from "./settings/option-table.ts";
import { type RunOptionTable, runOptions } from "./settings/run-options.ts";
import type { Origin } from "./settings/setting.ts";

/** The application to serve, and how. */
export interface RunSettings {
  readonly target: string;
  /** The values of all options. */
  readonly values: OptionValues<RunOptionTable>;
  /** Where each value was found; one that is not there is the default. */
  readonly origins: ReadonlyMap<string, Origin>;
  /** The TOML file, even if it does not exist. */
  readonly configFile: ConfigFile;
  /** The flags that were given, except `--reload`. */
  readonly flags: readonly string[];
}

/** Options of `serve()`. */
export type ServerValues = Partial<Pick<OptionValues<RunOptionTable>, ServerName<RunOptionTable>>> &
  Pick<ServeOptions, "proxyHops" | "proxyHeaders" | "http2" | "tls" | "accessLog" | "errorLog">;

/**
 * The options of the server that some source has set. Defaults are left to `serve()`, which may refuse an option beside
 * another one, whatever its value is.
 */
export function serverValues({ values, origins }: RunSettings): ServerValues {
  const isServers = (name: string): boolean => runOptions[name as keyof RunOptionTable].for === "server";
  const set = Object.entries(values).filter(([name]) => origins.has(name) && isServers(name));
  const tls = tlsOf(values);
  return {
    ...Object.fromEntries(set),
    ...(tls && { tls }),
    ...(origins.has("proxyHops") && { proxyHops: values.proxyHops }),
    ...(origins.has("proxyHeaders") && { proxyHeaders: values.proxyHeaders }),
    ...(!values.http2 && { http2: false }),
    ...logsOf(values),
  };
}

function logsOf(values: RunSettings["values"]): Pick<ServeOptions, "accessLog" | "errorLog"> {
  const { accessLog: format, accessLogFile, errorLogFile } = values;
  const to = accessLogFile === undefined ? {} : { to: accessLogFile };
  return {
    accessLog: format === "none" ? false : { format, ...to },
    ...(errorLogFile !== undefined && { errorLog: { to: errorLogFile } }),
  };
}

const tlsNames = ["certFile", "keyFile", "caFile", "clientCertificate"] as const;

// The server reports options that are missing, or that exclude each other.
function tlsOf(values: RunSettings["values"]): TlsOptions | undefined {
  const given = tlsNames.filter((name) => values[name] !== undefined);
  if (given.length === 0) return undefined;
  const own = Object.fromEntries(given.map((name) => [name, values[name]]));
  return { minVersion: values.minTlsVersion, ...own } as unknown as TlsOptions;
}

/**
 * The port to listen on: the one asked for, else the default one or the next that is free, which is announced.
 *
 * @param last - The port on which the application listened before it was started again, if it was not asked for.
 */
export async function choosePort(settings: RunSettings, last?: number): Promise<number> {
  const { host, port, bind } = settings.values;
  if (isSocket(host)) return 0;
  if (bind !== undefined) return port;
  if (isFixedPort(settings)) return port;
  if (last !== undefined) return last;
  if (settings.origins.has("port")) return port;
  const free = await findFreePort(host, port);
  if (free !== port) console.log(`Port ${port} is in use: taking ${free}`);
  return free;
}

/** Whether a certain port was asked for, so that no other will do. */
export function isFixedPort({ values, origins }: RunSettings): boolean {
  return origins.has("port") && values.port !== 0;
}

/** Whether a host is the path of a Unix socket, `unix:/path`. */
export function isSocket(host: string): boolean {
  return host.startsWith("unix:");
}
