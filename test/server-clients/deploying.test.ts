// Walks through HTTPS in docs/deploying.md as it stands there, but for the port: openssl, pottle run, curl.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { serving, Project } from "../../src/cli/workers/project.fixture.ts";
import { isMissing, run } from "./_served.ts";

const skip = isMissing("openssl") || isMissing("curl");
const timeout = 60_000;
const page = readFileSync(join(import.meta.dirname, "../../docs/deploying.md"), "utf8");

/** The only block of a language that matches. */
function blockOf(language: string, pattern: RegExp): string {
  const blocks = page.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, "gm"));
  const [block, ...others] = [...blocks].map(([, text = ""]) => text).filter((text) => pattern.test(text));
  assert(block !== undefined && others.length === 0, `${language} ${pattern.source}`);
  return block;
}

/** Writes the application, its settings, and a certificate that is signed by itself. */
function write(context: TestContext): Project {
  const project = new Project(context);
  project.write("pottle.toml", blockOf("toml", /^cert_file/m).replace("port = 8443", "port = 0"));
  renew(project);
  return project;
}

/** Makes a certificate by the command of the page. */
function renew({ folder }: Project): void {
  const [command = ""] = /^openssl [^]*?[^\\]\n/m.exec(blockOf("sh", /^openssl /m)) ?? [];
  const { status, stderr } = spawnSync("sh", ["-c", command], { cwd: folder, encoding: "utf8" });
  assert.equal(status, 0, stderr);
}

test(
  "docs/deploying.md has an application speak HTTPS, with a new certificate once it is there",
  { skip, timeout },
  async (context) => {
    const project = write(context);
    const program = project.start("--host", "127.0.0.1");
    const [, address = ""] = await program.printed(serving);
    const url = address.replace("127.0.0.1", "localhost");
    assert.match(url, /^https:/);
    const cacert = ["-sS", "--cacert", join(project.folder, "cert.pem")];
    assert.deepEqual(await run("curl", [...cacert, "-w", " %{http_version}", url]), {
      code: 0,
      stdout: "one 2",
      stderr: "",
    });
    assert.match(project.read("app.pid"), /^\d+\n$/);

    const old = join(project.folder, "old.pem");
    writeFileSync(old, project.read("cert.pem"));
    renew(project);
    // Each worker has it within five seconds.
    while ((await run("curl", ["-sS", "--cacert", old, url])).code === 0);
    while ((await run("curl", [...cacert, url])).code !== 0);
    program.signal("SIGTERM");
    assert.equal(await program.ended, 0);
  },
);

test("docs/deploying.md says what a certificate does that cannot be taken", { skip, timeout }, async (context) => {
  const project = write(context);
  const program = project.start("--host", "127.0.0.1");
  const [, address = ""] = await program.printed(serving);
  const good = project.read("cert.pem");
  const known = join(project.folder, "known.pem");
  writeFileSync(known, good);
  project.write("cert.pem", "no PEM");
  await program.printed(/Cannot speak TLS with 'cert\.pem' and 'key\.pem' as the file is no PEM/);
  const args = ["-sS", "--cacert", known, address.replace("127.0.0.1", "localhost")];
  assert.equal((await run("curl", args)).stdout, "one");
  program.signal("SIGHUP");
  await program.printed(/^Worker 1 stays as it is, as a new one could not start:$/m);
  project.write("cert.pem", good);
  program.signal("SIGHUP");
  await program.printed(/^SIGHUP: all workers are replaced$/m);
  assert.equal((await run("curl", args)).stdout, "one");
  program.signal("SIGTERM");
  assert.equal(await program.ended, 0);
});
