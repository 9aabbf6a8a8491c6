import { codeOf } from "../../base/error-code.ts";

/** A certificate or a key cannot be used. */
export class TlsFileError extends Error {
  override readonly name = "TlsFileError";
  /** The system's code, or that of OpenSSL: `ENOENT` if there is no such file. */
  readonly code: string;

  constructor(files: string, cause: Error) {
    super(`Cannot speak TLS with ${files} as ${describe(cause)}`, { cause });
    this.code = codeOf(cause) ?? "UNKNOWN";
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "the file does not exist",
  EACCES: "this process may not read the file",
  EISDIR: "it is a folder",
  ERR_OSSL_PEM_NO_START_LINE: "the file is no PEM",
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: "the key is not that of the certificate",
};

function describe(cause: Error): string {
  return reasons[codeOf(cause) ?? ""] ?? `OpenSSL refuses it (${cause.message})`;
}
