import { type Program, programs } from "./programs.ts";

/** What one can look at, or try. */
export interface Exhibit {
  readonly title: string;
  readonly about: string;
  readonly links: readonly Link[];
}

/** Where it is, and what one sees there. */
export interface Link {
  readonly href: string;
  readonly shows: string;
  /** What `curl` is called with, the origin being put before the path. @default the path that the link leads to */
  readonly curl?: string;
}

/** Everything on the tour, in its order. */
export const exhibits: readonly Exhibit[] = [
  {
    title: "The live view",
    about: "Who waits on what. Keep it open, too.",
    links: [{ href: "/_pottle", shows: "the tree of tasks, live", curl: "/_pottle/tree.txt" }],
  },
  {
    title: "Hello, Async World!",
    about: "While one view waits, others are answered.",
    links: [
      { href: "/hello/", shows: "waits for 1 s, then greets" },
      { href: "/hello/concurrent", shows: "two tasks at once: 2 s" },
      {
        href: "/hello/data",
        shows: "stops if you leave early",
        curl: "--max-time 1 /hello/data",
      },
    ],
  },
  {
    title: "A closed tab",
    about: "Close it: PostgreSQL ends its query.",
    links: [
      { href: "/closed-tab/", shows: "starts the query", curl: "--max-time 2 /closed-tab/sleep" },
      { href: "/closed-tab/watch", shows: "what the server does", curl: "-N /closed-tab/activity" },
    ],
  },
  {
    title: "Cityscape",
    about: "The course's city API, once a blocking app.",
    links: [
      { href: "/cityscape/", shows: "what it is" },
      { href: "/cityscape/api/sun/97201/us", shows: "asks two services in turn" },
      { href: "/cityscape/api/weather/97201/us", shows: "disabled: no API key" },
    ],
  },
  {
    title: "Chat",
    about: "WebSockets and events. It needs a Redis.",
    links: [{ href: "/chat/", shows: "a room: open it twice", curl: "-N /chat/rooms/lobby/names" }],
  },
  {
    title: "Flaskr",
    about: "Flask's tutorial application.",
    links: [{ href: "/flaskr/", shows: "a blog: register, and write" }],
  },
  {
    title: "Uploads",
    about: "Any size, in little memory. Cancel one.",
    links: [{ href: "/upload/", shows: "a file, and its progress", curl: "-N /upload/progress" }],
  },
  {
    title: "Todo API",
    about: "Contracts, documentation, a typed client.",
    links: [{ href: "/todo-api/docs", shows: "its routes, to try out", curl: "/todo-api/todos" }],
  },
  {
    title: "Twenty slow pages",
    about: "What the web crawl reads: 300 ms a page.",
    links: [
      { href: "/episodes/", shows: "all twenty" },
      { href: "/episodes/157", shows: "one of them" },
    ],
  },
  ...programs.map(exhibitOf),
];

function exhibitOf({ folder, title, about, runs: [run] }: Program): Exhibit {
  const href = `/programs/${folder}`;
  return {
    title,
    about,
    links: [{ href, shows: "runs it", curl: `-N ${href}/${run!.name}` }],
  };
}
