// Certificates for tests only, each signed by itself but that of the client, for a hundred years.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate and its key, as PEM. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** For localhost and 127.0.0.1. */
export const first: Pair = {
  cert: `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUQJ2VtYfhkU0WMZ7q6biaiu76QWswCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNzE5MDcxNloYDzIxMjYxMTAz
MTkwNzE2WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQ1MP5NiD/jy3QjfOfJ/ERAsLG3Yc0HhDhF/lBGQviVA1OzNu4L+D5k
0q5CNvaSBtYja5gSI/QMfk43tzUTR/dpo28wbTAdBgNVHQ4EFgQUwsE5NrkzutlS
Hy4dF90bm3+vuvIwHwYDVR0jBBgwFoAUwsE5NrkzutlSHy4dF90bm3+vuvIwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIhAN2yqqHcndfD6s6NpF36pEwUORSFzrM+EFboZSLTwaC+AiAO
QIeVKOqsGiwtKaaL928gd4p7U4uNHYZs6j57CPYngA==
-----END CERTIFICATE-----
`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgkN2Zl0v2d1eSuF2h
4e5Eyn7UgsGMOqWpuNNONRCQY9ChRANCAAQ1MP5NiD/jy3QjfOfJ/ERAsLG3Yc0H
hDhF/lBGQviVA1OzNu4L+D5k0q5CNvaSBtYja5gSI/QMfk43tzUTR/dp
-----END PRIVATE KEY-----
`,
};

/** For other.example and 127.0.0.1. */
export const second: Pair = {
  cert: `-----BEGIN CERTIFICATE-----
MIIBpzCCAU2gAwIBAgIUJgReJmHrJMJBMJ4RBS7r/A/v4kswCgYIKoZIzj0EAwIw
GDEWMBQGA1UEAwwNb3RoZXIuZXhhbXBsZTAgFw0yNjExMjcxOTA3MTZaGA8yMTI2
MTEwMzE5MDcxNlowGDEWMBQGA1UEAwwNb3RoZXIuZXhhbXBsZTBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABMUUebLSF7rCgdzGwBLvGQpMHbNSB3cXLI6RHYKTkMfh
fS0UP2O9suEySVekKffCy2KGqey0mk7iIECyQRUf5GejczBxMB0GA1UdDgQWBBQw
p5KSgVUMPuZe+BSjib/oxsiI7DAfBgNVHSMEGDAWgBQwp5KSgVUMPuZe+BSjib/o
xsiI7DAPBgNVHRMBAf8EBTADAQH/MB4GA1UdEQQXMBWCDW90aGVyLmV4YW1wbGWH
BH8AAAEwCgYIKoZIzj0EAwIDSAAwRQIhALVgSE2iLKjl5OQKlRZqkdht6Idk2L9s
kvK5vx/rkhnaAiB3d/qgYEAk8XYrlBmIVDoxV2OUhxtjlky9BAEJGE24zQ==
-----END CERTIFICATE-----
`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgFU7rAhwEBIaSi1lv
JKb3W96OxS768N0ImOF3qECeAsChRANCAATFFHmy0he6woHcxsAS7xkKTB2zUgd3
FyyOkR2Ck5DH4X0tFD9jvbLhMklXpCn3wstihqnstJpO4iBAskEVH+Rn
-----END PRIVATE KEY-----
`,
};

/** Of a client, issued by {@link ca}. */
export const client: Pair = {
  cert: `-----BEGIN CERTIFICATE-----
MIIBDTCBswIBATAKBggqhkjOPQQDAjASMRAwDgYDVQQDDAdUZXN0IENBMCAXDTI2
MTEyNzE5MDcxNloYDzIxMjYxMTAzMTkwNzE2WjARMQ8wDQYDVQQDDAZjbGllbnQw
WTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATnqwvA0s5kxG0+j5E/hTDdDjr7eu0y
+/Ofxfc0eP1LeV2xy+f6gJrN55lcGqiXE3J8P2bXg9puj5W21zB93ixiMAoGCCqG
SM49BAMCA0kAMEYCIQDWBSJ++DyMassPQNNlEmlxkbfx/KgPgM6BFsgATNj4LQIh
AMzH5z5lhw/nPPRYtbevCBz9t2uCPKu7e+z6cN0YUNR9
-----END CERTIFICATE-----
`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg3y3IN37nek/BNZ64
IuaaG6VgEogeDcg2cYAo5F0HXEKhRANCAATnqwvA0s5kxG0+j5E/hTDdDjr7eu0y
+/Ofxfc0eP1LeV2xy+f6gJrN55lcGqiXE3J8P2bXg9puj5W21zB93ixi
-----END PRIVATE KEY-----
`,
};

/** Who issues certificates to clients. */
export const ca: string = `-----BEGIN CERTIFICATE-----
MIIBlTCCATugAwIBAgIUaBdVnZuOg0lmyuQlyC9eYEQeJUcwCgYIKoZIzj0EAwIw
EjEQMA4GA1UEAwwHVGVzdCBDQTAgFw0yNjExMjcxOTA3MTZaGA8yMTI2MTEwMzE5
MDcxNlowEjEQMA4GA1UEAwwHVGVzdCBDQTBZMBMGByqGSM49AgEGCCqGSM49AwEH
A0IABLuQQE+7okGLU/fDBA1pmp3pbtsMGCFGBKj8MZsPj5MkSeD5KhZYsfWp9bkI
kTKjdnyAg7pThHw+//GoH+ii2uGjbTBrMB0GA1UdDgQWBBS3zPta6cDJlk0xEM6W
VeTMFmS7VzAfBgNVHSMEGDAWgBS3zPta6cDJlk0xEM6WVeTMFmS7VzAPBgNVHRMB
Af8EBTADAQH/MBgGA1UdEQQRMA+CB1Rlc3QgQ0GHBH8AAAEwCgYIKoZIzj0EAwID
SAAwRQIgZo0DNW2nMt2U/l3IYZ1cjh7LUVfmzBIexMDmFoX2Nu8CIQDkuo7bw/SG
oPX2DEGmBm7rh4dajQA+0Xsq972Pe/pHCg==
-----END CERTIFICATE-----
`;

/** A folder for files with certificates; removed at the end. */
export class CertificateFolder implements Disposable {
  readonly path: string = mkdtempSync(join(tmpdir(), "pottle-tls-"));

  /** Writes a pair into two files; returns their paths. */
  write(name: string, { cert, key }: Pair): { readonly certFile: string; readonly keyFile: string } {
    return { certFile: this.writeText(`${name}.crt`, cert), keyFile: this.writeText(`${name}.key`, key) };
  }

  writeText(name: string, text: string): string {
    const path = join(this.path, name);
    writeFileSync(path, text);
    return path;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
