// The files of a new application. `npm start` and `npm test` call programs of node_modules/.bin: there is the package `node`,
// so that they run on a Node that Pottle supports even if that of the machine is older.

import type { Versions } from "./versions.ts";

/** The texts of all files of a new application by their names. */
export function filesOf(name: string, versions: Versions): Record<string, string> {
  return {
    "package.json": `${JSON.stringify(manifest(name, versions), undefined, 2)}\n`,
    "tsconfig.json": `${JSON.stringify(typescript, undefined, 2)}\n`,
    ".oxlintrc.json": `${JSON.stringify(lint, undefined, 2)}\n`,
    "app.ts": program(name),
    "app.test.ts": programTest,
    Dockerfile: dockerfile(versions),
    ".dockerignore": "node_modules\n.git\n.env\ninstance\n",
    ".gitignore": "node_modules/\n.env\ninstance/\n.pottle/\n",
    "README.md": readme(name),
  };
}

function manifest(name: string, { pottle, node, oxlint, typescript: tsc }: Versions): object {
  return {
    name,
    version: "0.1.0",
    private: true,
    type: "module",
    scripts: {
      start: "pottle run app.ts --reload",
      test: "node --test",
      typecheck: "tsc",
      lint: "oxlint --deny-warnings",
    },
    dependencies: { pottle },
    // The Node of the machine is used where there is no other, as in the Dockerfile.
    devDependencies: { node, oxlint, typescript: tsc },
    allowScripts: { node: true, pottle: false },
  };
}

const typescript = {
  compilerOptions: {
    target: "esnext",
    module: "nodenext",
    noEmit: true,
    strict: true,
    noUncheckedIndexedAccess: true,
    allowImportingTsExtensions: true,
    erasableSyntaxOnly: true,
    verbatimModuleSyntax: true,
    skipLibCheck: true,
    types: ["node"],
  },
  include: ["**/*.ts"],
};

const lint = {
  plugins: ["typescript", "unicorn", "import"],
  categories: { correctness: "error", suspicious: "warn" },
  env: { node: true },
};

function program(name: string): string {
  return `import { html, Pottle } from "pottle";

const app = new Pottle(import.meta);

app.get("/", () => html\`<!doctype html><title>${name}</title><h1>Hello from ${name}</h1>\`);

app.get("/greet/<name>", ({ name }) => ({ greeting: \`Hello \${name}\` }));

app.get("/health", () => "ok");

export default app;
`;
}

const programTest = `import assert from "node:assert/strict";
import { test } from "node:test";
import app from "./app.ts";

test("the page says hello", async () => {
  await using client = await app.testClient().start();
  const response = await client.get("/");
  assert.equal(response.status, 200);
  assert.match(response.text(), /<h1>Hello from/);
});

test("a greeting has the name in it", async () => {
  await using client = await app.testClient().start();
  const response = await client.get("/greet/Ada");
  assert.deepEqual(response.json(), { greeting: "Hello Ada" });
});
`;

function dockerfile({ node }: Versions): string {
  return `FROM node:${node.split(".")[0]}-slim
WORKDIR /app
ENV NODE_ENV=production
COPY package.json package-lock.json* ./
RUN if [ -f package-lock.json ]; then npm ci --omit=dev; else npm install --omit=dev; fi
COPY . .
USER node
EXPOSE 5000
CMD ["node_modules/.bin/pottle", "run", "app.ts", "--host", "0.0.0.0", "--port", "5000"]
`;
}

function readme(name: string): string {
  return `# ${name}

\`\`\`
npm install
npm start            # serves http://127.0.0.1:5000, again after each change
npm test
npm run typecheck
npm run lint
\`\`\`

\`npm install\` brings the Node that the application is developed on, so any Node from 20.19 on can start it.

\`\`\`
docker build -t ${name} .
docker run -p 5000:5000 ${name}
\`\`\`
`;
}
