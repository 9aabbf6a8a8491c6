/** A value to send to the server: text, a number, or bytes. An integer beyond 2 ** 53 must be a bigint. */
export type Argument = string | number | bigint | Uint8Array;

// Commands that block on the server; the last two only with BLOCK among their arguments.
const blocking: ReadonlySet<string> = new Set([
  "BLPOP",
  "BRPOP",
  "BLMOVE",
  "BRPOPLPUSH",
  "BLMPOP",
  "BZPOPMIN",
  "BZPOPMAX",
  "BZMPOP",
]);
const blockingIfAsked: ReadonlySet<string> = new Set(["XREAD", "XREADGROUP"]);

/** @internal Whether a command blocks on the server, and so needs its own connection. */
export function isBlocking(name: string, args: readonly Argument[]): boolean {
  if (blocking.has(name)) return true;
  return blockingIfAsked.has(name) && args.some((arg) => typeof arg === "string" && arg.toUpperCase() === "BLOCK");
}

// Commands that change the state of the shared connection, or block it.
const unsuitable: Readonly<Record<string, string>> = {
  SUBSCRIBE: "use subscribe()",
  PSUBSCRIBE: "use psubscribe()",
  SSUBSCRIBE: "it needs a connection of its own",
  UNSUBSCRIBE: "close the subscription",
  PUNSUBSCRIBE: "close the subscription",
  SUNSUBSCRIBE: "close the subscription",
  MULTI: "use transaction()",
  EXEC: "use transaction()",
  DISCARD: "use transaction()",
  WATCH: "it needs a connection of its own; a script (EVAL) can check and change at once",
  UNWATCH: "nothing is watched",
  SELECT: "say which database when you connect",
  AUTH: "say who you are when you connect",
  HELLO: "say who you are when you connect",
  RESET: "close() and connect anew",
  QUIT: "use close()",
  MONITOR: "it needs a connection of its own",
  SYNC: "it needs a connection of its own",
  PSYNC: "it needs a connection of its own",
  WAIT: "it would hold up everybody else's commands",
  WAITAOF: "it would hold up everybody else's commands",
};

/** @internal The reason why a command cannot be sent over a shared connection; `undefined` if it can. */
export function whyUnsuitable(name: string, args: readonly Argument[]): string | undefined {
  if (name === "CLIENT" && /^(reply|pause)$/i.test(String(args[0]))) return "it would silence everybody's commands";
  return Object.hasOwn(unsuitable, name) ? unsuitable[name] : undefined;
}
