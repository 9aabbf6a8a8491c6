import { join } from "node:path";

/** What is measured: the same work by Pottle and by the tutorial's program. */
export type Case = CrawlCase | WebCase;

interface CaseBase {
  /** The name that the command line knows it by. */
  readonly id: string;
  /** What is done, as the table says it. */
  readonly title: string;
  /** How many times the CPU time of Pottle the tutorial's program is to need at least; `undefined` if that is not judged. */
  readonly target?: number;
  /** Who solves it, Pottle first. */
  readonly peers: readonly Peer[];
}

/** The titles of all pages of a site; a figure is the CPU time of the whole process. */
export interface CrawlCase extends CaseBase {
  readonly kind: "crawl";
  readonly site: "episodes" | "python-docs";
}

/** An application under load; a figure is the CPU time of the server for one request. */
export interface WebCase extends CaseBase {
  readonly kind: "web";
  /** The path that is asked for. */
  readonly path: string;
  /** What every answer must be. */
  readonly answer: RegExp;
  /** How many connections ask at once. */
  readonly connections: number;
}

/** Somebody who solves a case. */
export interface Peer {
  /** What the table calls it. */
  readonly title: string;
  /**
   * The program and its arguments. `FILE` stands for the file with the addresses of a crawl, `PORT` for the port that
   * a server listens on.
   */
  readonly command: readonly string[];
}

/** Debian's Python, for which its packages of aiohttp, BeautifulSoup, Quart and Hypercorn are made. */
export const python = "/usr/bin/python3";

const programs = join(import.meta.dirname, "programs");
const examples = join(import.meta.dirname, "..", "..", "examples");

const crawlers: readonly Peer[] = [
  { title: "Pottle: titles()", command: [process.execPath, join(programs, "titles.ts"), "FILE"] },
  { title: "aiohttp + BeautifulSoup", command: [python, join(programs, "aiohttp_titles.py"), "FILE"] },
];

/** All that is measured, in the order of the table. */
export const cases: readonly Case[] = [
  {
    id: "crawl-episodes",
    kind: "crawl",
    title: "titles of the 20 pages of the bundled site",
    site: "episodes",
    peers: crawlers,
  },
  {
    id: "crawl-docs",
    kind: "crawl",
    title: "titles of the 530 pages of python3-doc",
    site: "python-docs",
    target: 30,
    peers: crawlers,
  },
  {
    id: "plaintext",
    kind: "web",
    title: "hello: GET /plaintext",
    path: "/plaintext",
    answer: /^Hello, World!$/,
    connections: 64,
    target: 12,
    peers: [
      pottle(join(examples, "hello", "app.ts")),
      hypercorn("quart_hello", "asyncio"),
      hypercorn("quart_hello", "uvloop"),
    ],
  },
  {
    id: "cityscape",
    kind: "web",
    title: "cityscape: GET /api/sun/97201/us",
    path: "/api/sun/97201/us",
    answer: /"sunrise": ?"06:04:09 AM"/,
    connections: 256,
    peers: [pottle(join(examples, "cityscape", "app.ts")), hypercorn("quart_cityscape", "asyncio")],
  },
];

function pottle(app: string): Peer {
  return { title: "Pottle", command: [process.execPath, join(programs, "serve.ts"), app, "PORT"] };
}

function hypercorn(app: string, worker: "asyncio" | "uvloop"): Peer {
  const title = worker === "asyncio" ? "Quart on Hypercorn" : "Quart on Hypercorn, uvloop";
  const bind = ["--bind", "127.0.0.1:PORT", "--worker-class", worker, "--log-level", "WARNING", `${app}:app`];
  return { title, command: ["env", `PYTHONPATH=${programs}`, python, "-m", "hypercorn", ...bind] };
}
