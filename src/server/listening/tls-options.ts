import { option } from "../../base/options.ts";
import { outOfRange, wrongType } from "../../base/refusal.ts";
import { showKind } from "../../base/show.ts";

/** A certificate and its key. */
export interface CertificateFiles {
  /** The path of a file with the certificate, and with those of its issuers behind it, as PEM. */
  readonly certFile: string;
  /** The path of a file with its private key, as PEM. */
  readonly keyFile: string;
  /**
   * What the key is encrypted with.
   * @default it is not
   */
  readonly passphrase?: string;
}

/**
 * How a server speaks TLS. Its files are looked at every five seconds, and read anew when they have changed.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8446
 */
export interface TlsOptions extends CertificateFiles {
  /**
   * The path of a file with the certificates of those who issue certificates to clients, as PEM.
   * @default none
   */
  readonly caFile?: string;
  /**
   * Whether a client must show a certificate of an issuer in `caFile`; with `optional`, it may.
   * @default "required" with `caFile`, else "none"
   */
  readonly clientCertificate?: "none" | "optional" | "required";
  /**
   * The oldest version that is spoken.
   * @default "TLSv1.2"
   */
  readonly minVersion?: "TLSv1.2" | "TLSv1.3";
  /**
   * The ciphers, as OpenSSL names them.
   * @default those of Node
   */
  readonly ciphers?: string;
  /**
   * Certificates for names that clients ask for: `example.org`, or `*.example.org` for all names one level below.
   * @default all get the same
   */
  readonly serverNames?: Readonly<Record<string, CertificateFiles>>;
}

const texts = ["certFile", "keyFile"] as const;
const optionalTexts = ["passphrase", "caFile", "ciphers"] as const;

/**
 * Checks how to speak TLS, but not the files.
 *
 * @throws {RangeError} If an option is not one of its values, or clients must show a certificate and there is no `caFile`.
 * @throws {TypeError} If an option is not of the right kind.
 */
export function checkTlsOptions(tls: TlsOptions | undefined): TlsOptions | undefined {
  if (tls === undefined) return undefined;
  if (typeof tls !== "object" || tls === null) throw wrongType("serve", "'tls' must be an object", tls, showKind);
  checkFiles("tls", tls);
  for (const name of optionalTexts) if (tls[name] !== undefined) checkText(`tls.${name}`, tls[name]);
  const { caFile, clientCertificate, minVersion, serverNames = {} } = tls;
  if (clientCertificate !== undefined)
    option<string>("serve", "tls.clientCertificate", clientCertificate).oneOf(["none", "optional", "required"]);
  if (minVersion !== undefined) option<string>("serve", "tls.minVersion", minVersion).oneOf(["TLSv1.2", "TLSv1.3"]);
  if (caFile === undefined && clientCertificate !== undefined && clientCertificate !== "none")
    throw outOfRange("serve", "'tls.clientCertificate' needs 'tls.caFile'", clientCertificate);
  for (const [name, files] of Object.entries(serverNames)) checkFiles(`tls.serverNames.${name}`, files);
  return tls;
}

function checkFiles(place: string, files: CertificateFiles): void {
  for (const name of texts) checkText(`${place}.${name}`, files[name]);
}

// What it is may be a secret.
function checkText(name: string, text: unknown): void {
  if (typeof text === "string" && text !== "") return;
  throw wrongType("serve", `'${name}' must be a text that is not empty`, text, showKind);
}
