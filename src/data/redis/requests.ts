import { noop } from "../../base/noop.ts";
import { wrongType } from "../../base/refusal.ts";
import type { Argument } from "./command-kinds.ts";
import { makeRequest as make, type Request } from "./request.ts";

/** How {@link RedisRequests.set} sets. */
export interface SetOptions {
  /** The key is gone after so many seconds. @default it stays */
  readonly ex?: number;
  /** The key is gone after so many milliseconds. @default it stays */
  readonly px?: number;
  /** Only if the key is not there yet. @default false */
  readonly nx?: boolean;
  /** Only if the key is there already. @default false */
  readonly xx?: boolean;
  /** The key keeps the time that it has to live. @default false */
  readonly keepttl?: boolean;
}

/** One end of a list. */
export type ListEnd = "LEFT" | "RIGHT";

/** One of a sorted set, and where it stands. */
export type Scored = readonly [member: string, score: number];

/**
 * The commands that are known by name, as methods. They are named as Redis names them and mean what Redis means by them:
 * times are in seconds, but for those that begin with `p`. All others can be sent by `execute`.
 *
 * On a client a method sends the command and gives its reply; in a pipeline or transaction it says what is to be sent.
 *
 * @see https://redis.io/docs/latest/commands/
 */
export const requests = {
  /** Any command, by its name; the reply is as the server gives it, with its bytes read as text. */
  execute(name: string, ...args: Argument[]): Request<unknown> {
    return make(checkName(name), args);
  },

  /** As `execute`, but the strings in the reply are given as bytes. */
  executeBuffer(name: string, ...args: Argument[]): Request<unknown> {
    return make(checkName(name), args, { binary: true });
  },

  /** Asks for a sign of life: `PONG`. */
  ping(): Request<string> {
    return make("PING", []);
  },

  /** The text at `key`; `null` if there is none. */
  get(key: string): Request<string | null> {
    return make("GET", [key]);
  },

  /** As `get`, but as bytes. */
  getBuffer(key: string): Request<Buffer | null> {
    return make("GET", [key], { binary: true });
  },

  /** The texts at several keys, in their order. */
  mget(...keys: string[]): Request<(string | null)[]> {
    return make("MGET", keys);
  },

  /** Sets `key`; gives whether it was set, which only `nx` and `xx` can prevent. */
  set(key: string, value: Argument, options: SetOptions = {}): Request<boolean> {
    return make("SET", [key, value, ...flags(options)], { read: (reply) => reply === "OK" });
  },

  /** Sets several keys at once. */
  mset(values: Readonly<Record<string, Argument>>): Request<void> {
    return make("MSET", Object.entries(values).flat(), { read: noop });
  },

  /** Removes keys; gives how many were there. */
  del(...keys: string[]): Request<number> {
    return make("DEL", keys);
  },

  /** How many of the keys are there. */
  exists(...keys: string[]): Request<number> {
    return make("EXISTS", keys);
  },

  /** Has `key` go after so many seconds; gives whether it is there. */
  expire(key: string, seconds: number): Request<boolean> {
    return make("EXPIRE", [key, seconds], { read: isOne });
  },

  /** Has `key` go after so many milliseconds; gives whether it is there. */
  pexpire(key: string, milliseconds: number): Request<boolean> {
    return make("PEXPIRE", [key, milliseconds], { read: isOne });
  },

  /** Has `key` stay; gives whether it was to go. */
  persist(key: string): Request<boolean> {
    return make("PERSIST", [key], { read: isOne });
  },

  /** In how many seconds `key` goes; -1 if it stays, -2 if it is not there. */
  ttl(key: string): Request<number> {
    return make("TTL", [key]);
  },

  /** In how many milliseconds `key` goes; -1 if it stays, -2 if it is not there. */
  pttl(key: string): Request<number> {
    return make("PTTL", [key]);
  },

  /** Adds 1 to the number at `key`; gives the sum. */
  incr(key: string): Request<number> {
    return make("INCR", [key]);
  },

  /** Adds to the number at `key`; gives the sum. */
  incrby(key: string, increment: number): Request<number> {
    return make("INCRBY", [key, increment]);
  },

  /** Takes 1 from the number at `key`; gives what is left. */
  decr(key: string): Request<number> {
    return make("DECR", [key]);
  },

  /** One field of a hash; `null` if it is not there. */
  hget(key: string, field: string): Request<string | null> {
    return make("HGET", [key, field]);
  },

  /** A hash as an object; one without fields if it is not there. */
  hgetall(key: string): Request<Record<string, string>> {
    return make("HGETALL", [key], { read: readPairs });
  },

  /** Sets fields of a hash; gives how many are new. */
  hset(key: string, fields: Readonly<Record<string, Argument>>): Request<number> {
    return make("HSET", [key, ...Object.entries(fields).flat()]);
  },

  /** Removes fields of a hash; gives how many were there. */
  hdel(key: string, ...fields: string[]): Request<number> {
    return make("HDEL", [key, ...fields]);
  },

  /** Adds to the number in a field of a hash; gives the sum. */
  hincrby(key: string, field: string, increment: number): Request<number> {
    return make("HINCRBY", [key, field, increment]);
  },

  /** Puts values before a list, one after the other; gives its length. */
  lpush(key: string, ...values: Argument[]): Request<number> {
    return make("LPUSH", [key, ...values]);
  },

  /** Puts values behind a list, one after the other; gives its length. */
  rpush(key: string, ...values: Argument[]): Request<number> {
    return make("RPUSH", [key, ...values]);
  },

  /** Takes the first of a list; `null` if there is none. */
  lpop(key: string): Request<string | null> {
    return make("LPOP", [key]);
  },

  /** Takes the last of a list; `null` if there is none. */
  rpop(key: string): Request<string | null> {
    return make("RPOP", [key]);
  },

  /** The part of a list from `start` to `stop`, both included; negative numbers count from its end. */
  lrange(key: string, start: number, stop: number): Request<string[]> {
    return make("LRANGE", [key, start, stop]);
  },

  /** The length of a list. */
  llen(key: string): Request<number> {
    return make("LLEN", [key]);
  },

  /** Removes `value` from a list: `count` times from its beginning, from its end if negative, everywhere if 0. */
  lrem(key: string, count: number, value: Argument): Request<number> {
    return make("LREM", [key, count, value]);
  },

  /** Moves one value from an end of a list to an end of another; `null` if there is none. */
  lmove(source: string, destination: string, from: ListEnd, to: ListEnd): Request<string | null> {
    return make("LMOVE", [source, destination, from, to]);
  },

  /** Waits for a value at the beginning of one of the lists, and takes it. Ends by itself only with a value. */
  blpop(...keys: string[]): Request<[key: string, value: string]> {
    return make("BLPOP", [...keys, 0]);
  },

  /** Waits for a value at the end of one of the lists, and takes it. Ends by itself only with a value. */
  brpop(...keys: string[]): Request<[key: string, value: string]> {
    return make("BRPOP", [...keys, 0]);
  },

  /** Waits for a value, and moves it to another list, where it is safe from whatever happens to this process. */
  blmove(source: string, destination: string, from: ListEnd, to: ListEnd): Request<string> {
    return make("BLMOVE", [source, destination, from, to, 0]);
  },

  /** Adds members to a set; gives how many are new. */
  sadd(key: string, ...members: Argument[]): Request<number> {
    return make("SADD", [key, ...members]);
  },

  /** Removes members of a set; gives how many were there. */
  srem(key: string, ...members: Argument[]): Request<number> {
    return make("SREM", [key, ...members]);
  },

  /** The members of a set, in no order. */
  smembers(key: string): Request<string[]> {
    return make("SMEMBERS", [key]);
  },

  /** Whether a set has a member. */
  sismember(key: string, member: Argument): Request<boolean> {
    return make("SISMEMBER", [key, member], { read: isOne });
  },

  /** How many members a set has. */
  scard(key: string): Request<number> {
    return make("SCARD", [key]);
  },

  /** Gives members of a sorted set their scores; gives how many are new. */
  zadd(key: string, scores: Readonly<Record<string, number>>): Request<number> {
    return make("ZADD", [key, ...Object.entries(scores).flatMap(([member, score]) => [score, member])]);
  },

  /** Removes members of a sorted set; gives how many were there. */
  zrem(key: string, ...members: Argument[]): Request<number> {
    return make("ZREM", [key, ...members]);
  },

  /** The score of a member; `null` if it is not there. */
  zscore(key: string, member: Argument): Request<number | null> {
    return make("ZSCORE", [key, member], { read: (reply) => (reply === null ? null : readScore(reply)) });
  },

  /** The members of a sorted set from place `start` to place `stop`, both included, with their scores. */
  zrange(key: string, start: number, stop: number): Request<Scored[]> {
    return make("ZRANGE", [key, start, stop, "WITHSCORES"], { read: readScored });
  },

  /** How many members a sorted set has. */
  zcard(key: string): Request<number> {
    return make("ZCARD", [key]);
  },

  /** Waits for a member in one of the sorted sets, and takes the one with the lowest score. */
  bzpopmin(...keys: string[]): Request<[key: string, member: string, score: number]> {
    return make("BZPOPMIN", [...keys, 0], { read: readPopped });
  },

  /** Waits for a member in one of the sorted sets, and takes the one with the highest score. */
  bzpopmax(...keys: string[]): Request<[key: string, member: string, score: number]> {
    return make("BZPOPMAX", [...keys, 0], { read: readPopped });
  },

  /** Sends a message to whoever has subscribed to `channel`; gives how many that are. */
  publish(channel: string, message: Argument): Request<number> {
    return make("PUBLISH", [channel, message]);
  },
};

/** @see requests */
export type RedisRequests = typeof requests;

function checkName(name: string): string {
  if (typeof name === "string" && /^[\w.-]+$/.test(name)) return name.toUpperCase();
  throw wrongType("send a command", "its name must be one word, its arguments follow it", name);
}

function flags({ ex, px, nx = false, xx = false, keepttl = false }: SetOptions): Argument[] {
  const words: Argument[] = [];
  if (ex !== undefined) words.push("EX", ex);
  if (px !== undefined) words.push("PX", px);
  if (nx) words.push("NX");
  if (xx) words.push("XX");
  if (keepttl) words.push("KEEPTTL");
  return words;
}

function isOne(reply: unknown): boolean {
  return reply === 1;
}

function pairs<T>(reply: unknown, read: (first: string, second: unknown) => T): T[] {
  const items = reply as unknown[];
  return Array.from({ length: items.length / 2 }, (_, n) => read(items[2 * n] as string, items[2 * n + 1]));
}

// A field may be called anything, `__proto__` as well.
function readPairs(reply: unknown): Record<string, string> {
  return Object.fromEntries(pairs(reply, (field, value) => [field, value as string]));
}

function readScore(reply: unknown): number {
  if (reply === "inf") return Infinity;
  return reply === "-inf" ? -Infinity : Number(reply);
}

function readScored(reply: unknown): Scored[] {
  return pairs(reply, (member, score) => [member, readScore(score)]);
}

function readPopped(reply: unknown): [key: string, member: string, score: number] {
  const [key, member, score] = reply as [string, string, unknown];
  return [key, member, readScore(score)];
}
