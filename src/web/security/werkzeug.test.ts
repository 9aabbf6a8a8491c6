import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { checkPasswordHash, generatePasswordHash } from "./password-hash.ts";

// Debian's own Python, which the package python3-flask is for.
const python = "/usr/bin/python3";
const skip = spawnSync(python, ["-c", "import werkzeug"]).status === 0 ? false : "python3-flask is not installed";

async function werkzeug(code: string, ...args: string[]): Promise<string> {
  const program = `import sys\nfrom werkzeug.security import *\nprint(${code}, end="")`;
  return (await promisify(execFile)(python, ["-c", program, ...args])).stdout;
}

for (const method of ["pbkdf2:sha256:1000", "pbkdf2:sha512:1000", "pbkdf2:sha1:10"]) {
  test(
    `generatePasswordHash() by ${method} is read by Werkzeug, and Werkzeug's by checkPasswordHash()`,
    { skip },
    async () => {
      const hash = await generatePasswordHash("pässwörd 🔑", { method });
      assert.equal(await werkzeug("check_password_hash(sys.argv[1], sys.argv[2])", hash, "pässwörd 🔑"), "True");
      assert.equal(await werkzeug("check_password_hash(sys.argv[1], sys.argv[2])", hash, "passwort"), "False");
      const theirs = await werkzeug("generate_password_hash(sys.argv[1], sys.argv[2])", "pässwörd 🔑", method);
      assert.equal(await checkPasswordHash(theirs, "pässwörd 🔑"), true);
      assert.equal(await checkPasswordHash(theirs, "passwort"), false);
    },
  );
}
