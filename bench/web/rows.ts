// What is asked of every server.

/** A request of a row. */
export interface Request {
  readonly method?: "POST";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A row of the tables. */
export interface Row {
  readonly id: string;
  readonly title: string;
  /** What is sent, in turn. */
  readonly requests: readonly Request[];
  /** What the answer to the first request must match. */
  readonly answer: RegExp;
  /**
   * What is demanded of Pottle beside its rivals: `ahead` of each where an application validates, renders or signs, else
   * `close`: at most a tenth more CPU time than the best.
   */
  readonly target: "ahead" | "close";
  /** Whose CPU time Pottle's is judged by. */
  readonly rivals: readonly string[];
  /** Whether the requests carry the cookie of an earlier answer. */
  readonly hasSession?: boolean;
  /** Whether messages to many WebSockets are measured, and no requests. */
  readonly isBroadcast?: boolean;
}

/** A share of the CPU time of Pottle's bare server that plain text may take. */
export const mostOfBare = 1.1;

/** A share of the CPU time of its best rival that Pottle may take where it need not be ahead. */
export const mostOfBest = 1.1;

const frameworks = ["fastify", "hono"] as const;
const close = { target: "close", rivals: frameworks } as const;
const ahead = { target: "ahead", rivals: frameworks } as const;

const twenty = Object.fromEntries(Array.from({ length: 18 }, (_, i) => [`X-Header-${i}`, `value of header ${i}`]));

const items = Array.from({ length: 10 }, (_, i) => ({
  sku: `ABC-${1_000 + i}`,
  name: `Thing number ${i} of this order`,
  price: i + 0.5,
  quantity: i + 1,
}));
const note = "Please ring twice, the bell is a little tired. ".repeat(3);
/** About a kilobyte. */
const order = JSON.stringify({ customer: "Ada Lovelace", email: "ada@example.com", note, items });

/** The rows, in their order. */
export const rows: readonly Row[] = [
  { id: "text", title: "text", requests: [{ path: "/plain" }], answer: /^Hello, World!$/, ...close },
  {
    id: "json",
    title: "JSON",
    requests: [{ path: "/json" }],
    answer: /^\{.*"id": ?7,.*"title": ?"Water the plants".*\}\s*$/,
    ...close,
  },
  {
    id: "parameter",
    title: "a parameter in the path, one of 300 routes",
    requests: Array.from({ length: 300 }, (_, i) => ({ path: `/area-${i}/${i + 42}/detail` })),
    answer: /^\{("route": ?"area-0", ?"id": ?42|"id": ?42, ?"route": ?"area-0")\}\s*$/,
    ...close,
  },
  {
    id: "validated",
    title: "a JSON body of 1 kB, validated",
    requests: [{ method: "POST", path: "/validated", headers: { "Content-Type": "application/json" }, body: order }],
    answer: /^\{"total": ?357\.5\}\s*$/,
    ...ahead,
  },
  {
    id: "template",
    title: "a template of 12 rows",
    requests: [{ path: "/template" }],
    answer: /&lt;script&gt;[^]*<td>12<\/td>\s*<td>Additional fortune number 12<\/td>/,
    ...ahead,
  },
  {
    id: "static",
    title: "a static file of 16 kB",
    requests: [{ path: "/static/style.css" }],
    answer: /^x{16384}$/,
    ...close,
  },
  {
    id: "headers",
    title: "20 request headers, one of them read",
    requests: [{ path: "/headers", headers: twenty }],
    answer: /^\{"value": ?"value of header 7"\}\s*$/,
    ...close,
  },
  {
    id: "session",
    title: "a session, read and written",
    requests: [{ path: "/session" }],
    answer: /^\{"count": ?2\}\s*$/,
    hasSession: true,
    ...ahead,
  },
  {
    id: "broadcast",
    title: "a WebSocket broadcast to 1,000 clients",
    requests: [],
    answer: /^/,
    isBroadcast: true,
    target: "close",
    rivals: ["ws", "fastify"],
  },
];
