/**
 * The certificates of a server, by files. They are read anew when a file has changed, so that a certificate is renewed without a
 * restart: connections that are there go on with the old one.
 */

import { readFileSync, statSync } from "node:fs";
import type { SecureContext, SecureContextOptions } from "node:tls";
import { tls } from "../../base/node.ts";
import { callExceptionHandler } from "../../asyncio/index.ts";
import { TlsFileError } from "./tls-file-error.ts";
import type { CertificateFiles, TlsOptions } from "./tls-options.ts";

/** How often the files are looked at, in milliseconds. */
const lookInterval = 5_000;

/** How a server checks clients, besides its secure context. */
export interface ClientChecks {
  readonly requestCert: boolean;
  readonly rejectUnauthorized: boolean;
}

/** The certificates of a server. */
export class TlsFiles {
  readonly #options: TlsOptions;
  readonly #onChange: (context: SecureContextOptions) => void;
  #names = new Map<string, SecureContext>();
  #seen = "";
  #watch: NodeJS.Timeout | undefined;
  /** What the server begins with. */
  readonly context: SecureContextOptions;

  /**
   * @param onChange Called with the new context, once files have changed and were read.
   * @throws {TlsFileError} If a file cannot be read, or is not a certificate or key.
   */
  constructor(options: TlsOptions, onChange: (context: SecureContextOptions) => void) {
    this.#options = options;
    this.#onChange = onChange;
    this.#seen = this.#stamp();
    this.context = this.#read();
  }

  get clientChecks(): ClientChecks {
    const { caFile, clientCertificate = caFile === undefined ? "none" : "required" } = this.#options;
    return { requestCert: clientCertificate !== "none", rejectUnauthorized: clientCertificate === "required" };
  }

  /** The context for a name that a client asks for; `undefined` for that of the server. */
  find(name: string): SecureContext | undefined {
    const known = this.#names.get(name.toLowerCase());
    return known ?? this.#names.get(name.toLowerCase().replace(/^[^.]+/, "*"));
  }

  /** Begins to look after the files. */
  watch(): void {
    this.#watch = setInterval(() => this.look(), lookInterval).unref();
  }

  /** Looks after the files once. */
  look(): void {
    const stamp = this.#stamp();
    if (stamp === this.#seen) return;
    // Even if they cannot be used: they are reported once, and read when they change again.
    this.#seen = stamp;
    try {
      this.#onChange(this.#read());
    } catch (error) {
      callExceptionHandler({ message: "The new certificate cannot be taken, and the old one stays", error });
    }
  }

  close(): void {
    clearInterval(this.#watch);
  }

  #read(): SecureContextOptions {
    const { caFile, minVersion = "TLSv1.2", ciphers, serverNames = {} } = this.#options;
    const common: SecureContextOptions = {
      minVersion,
      ...(ciphers !== undefined && { ciphers }),
      ...(caFile !== undefined && { ca: readOrExplain(caFile) }),
    };
    const own = readContext(this.#options, common);
    this.#names = new Map(
      Object.entries(serverNames).map(([name, files]) => [name.toLowerCase(), readContext(files, common).made]),
    );
    return own.options;
  }

  // Programs that renew certificates replace files, or the links to them.
  #stamp(): string {
    const { caFile, serverNames = {} } = this.#options;
    const pairs = [this.#options, ...Object.values(serverNames)];
    const paths = [...pairs.flatMap(({ certFile, keyFile }) => [certFile, keyFile]), ...(caFile ? [caFile] : [])];
    return paths.map(stampOf).join();
  }
}

function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? "none" : `${stat.ino} ${stat.size} ${stat.mtimeMs}`;
}

// A file that is not a certificate is found here, and not by the first client.
function readContext(
  { certFile, keyFile, passphrase }: CertificateFiles,
  common: SecureContextOptions,
): { readonly options: SecureContextOptions; readonly made: SecureContext } {
  const pair = { cert: readOrExplain(certFile), key: readOrExplain(keyFile) };
  const options = { ...common, ...pair, ...(passphrase !== undefined && { passphrase }) };
  try {
    return { options, made: tls().createSecureContext(options) };
  } catch (error) {
    throw new TlsFileError(`'${certFile}' and '${keyFile}'`, error as Error);
  }
}

function readOrExplain(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new TlsFileError(`'${path}'`, error as Error);
  }
}
