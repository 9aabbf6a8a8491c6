import { noop } from "../../base/noop.ts";
import { outOfRange, wrongType } from "../../base/refusal.ts";
import type { Argument } from "./command-kinds.ts";
import { readPairs, readPopped, readScore, type Scored, readScored } from "./read-pairs.ts";
import { asItIs, makeRequest as make, type Request } from "./request.ts";
import { type SetOptions, setFlags } from "./set-options.ts";

/** One end of a list: its head or its tail. */
export type ListEnd = "LEFT" | "RIGHT";

/**
 * The commands that are methods, with the names and meanings that they have in Redis: times are in seconds, except in
 * commands that begin with `p`. All other commands can be sent with `execute`.
 *
 * On a client, a method sends the command and returns its reply; in a pipeline or transaction, it returns the request.
 * For an integer beyond 2 ** 53 in the reply, a method throws a RangeError instead of rounding it, and `execute`
 * returns a bigint.
 *
 * @see https://redis.io/docs/latest/commands/
 */
export const requests = {
  /**
   * Sends any command by its name.
   * The reply is the server's, with strings as text and integers beyond 2 ** 53 as bigints.
   */
  execute(name: string, ...args: Argument[]): Request<unknown> {
    return make(checkName(name), args, { read: asItIs });
  },

  /** Like `execute`, but strings in the reply are bytes. */
  executeBuffer(name: string, ...args: Argument[]): Request<unknown> {
    return make(checkName(name), args, { binary: true, read: asItIs });
  },

  /** Tests whether the connection is alive. Returns `PONG`. */
  ping(): Request<string> {
    return make("PING", []);
  },

  /** Gets the string value of a key; `null` if the key does not exist. */
  get(key: string): Request<string | null> {
    return make("GET", [key]);
  },

  /** Like `get`, but the value is bytes. */
  getBuffer(key: string): Request<Buffer | null> {
    return make("GET", [key], { binary: true });
  },

  /** Gets the string values of several keys, in their order; `null` for a key that does not exist. */
  mget(...keys: string[]): Request<(string | null)[]> {
    return make("MGET", keys);
  },

  /** Sets the string value of a key. Returns whether it was set, which only `nx` and `xx` can prevent. */
  set(key: string, value: Argument, options: SetOptions = {}): Request<boolean> {
    return make("SET", [key, value, ...setFlags(options)], { read: (reply) => reply === "OK" });
  },

  /** Sets the string values of several keys, atomically. */
  mset(values: Readonly<Record<string, Argument>>): Request<void> {
    return make("MSET", Object.entries(values).flat(), { read: noop });
  },

  /** Deletes keys. Returns how many existed. */
  del(...keys: string[]): Request<number> {
    return make("DEL", keys);
  },

  /** Returns how many of the keys exist. */
  exists(...keys: string[]): Request<number> {
    return make("EXISTS", keys);
  },

  /** Sets the time to live of a key, in seconds. Returns whether the key exists. */
  expire(key: string, seconds: number): Request<boolean> {
    return make("EXPIRE", [key, seconds], { read: isOne });
  },

  /** Sets the time to live of a key, in milliseconds. Returns whether the key exists. */
  pexpire(key: string, milliseconds: number): Request<boolean> {
    return make("PEXPIRE", [key, milliseconds], { read: isOne });
  },

  /** Removes the time to live of a key. Returns whether it had one. */
  persist(key: string): Request<boolean> {
    return make("PERSIST", [key], { read: isOne });
  },

  /** Returns the time to live of a key, in seconds; -1 if it has none, -2 if the key does not exist. */
  ttl(key: string): Request<number> {
    return make("TTL", [key]);
  },

  /** Returns the time to live of a key, in milliseconds; -1 if it has none, -2 if the key does not exist. */
  pttl(key: string): Request<number> {
    return make("PTTL", [key]);
  },

  /** Increments the integer value of a key by one. Returns the new value; a missing key counts as 0. */
  incr(key: string): Request<number> {
    return make("INCR", [key]);
  },

  /** Increments the integer value of a key by `increment`. Returns the new value. */
  incrby(key: string, increment: number | bigint): Request<number> {
    return make("INCRBY", [key, checkIncrement("INCRBY", increment)]);
  },

  /** Decrements the integer value of a key by one. Returns the new value. */
  decr(key: string): Request<number> {
    return make("DECR", [key]);
  },

  /** Gets the value of a field of a hash; `null` if the field does not exist. */
  hget(key: string, field: string): Request<string | null> {
    return make("HGET", [key, field]);
  },

  /** Gets all fields and values of a hash as an object, which is empty if the key does not exist. */
  hgetall(key: string): Request<Record<string, string>> {
    return make("HGETALL", [key], { read: readPairs });
  },

  /** Sets fields of a hash. Returns how many were added. */
  hset(key: string, fields: Readonly<Record<string, Argument>>): Request<number> {
    return make("HSET", [key, ...Object.entries(fields).flat()]);
  },

  /** Deletes fields of a hash. Returns how many existed. */
  hdel(key: string, ...fields: string[]): Request<number> {
    return make("HDEL", [key, ...fields]);
  },

  /** Increments the integer value of a field of a hash by `increment`. Returns the new value. */
  hincrby(key: string, field: string, increment: number | bigint): Request<number> {
    return make("HINCRBY", [key, field, checkIncrement("HINCRBY", increment)]);
  },

  /** Inserts values at the head of a list, one after the other. Returns the length of the list. */
  lpush(key: string, ...values: Argument[]): Request<number> {
    return make("LPUSH", [key, ...values]);
  },

  /** Appends values to the tail of a list, one after the other. Returns the length of the list. */
  rpush(key: string, ...values: Argument[]): Request<number> {
    return make("RPUSH", [key, ...values]);
  },

  /** Removes and returns the first element of a list; `null` if the list is empty. */
  lpop(key: string): Request<string | null> {
    return make("LPOP", [key]);
  },

  /** Removes and returns the last element of a list; `null` if the list is empty. */
  rpop(key: string): Request<string | null> {
    return make("RPOP", [key]);
  },

  /**
   * Returns the elements of a list from index `start` to `stop`, both included.
   * Negative indexes count from the tail.
   */
  lrange(key: string, start: number, stop: number): Request<string[]> {
    return make("LRANGE", [key, start, stop]);
  },

  /** Returns the length of a list. */
  llen(key: string): Request<number> {
    return make("LLEN", [key]);
  },

  /**
   * Removes elements equal to `value`: the first `count` of them, the last ones if negative, all if 0.
   * Returns how many.
   */
  lrem(key: string, count: number, value: Argument): Request<number> {
    return make("LREM", [key, count, value]);
  },

  /** Moves an element from one end of a list to one end of another. Returns it; `null` if the list is empty. */
  lmove(source: string, destination: string, from: ListEnd, to: ListEnd): Request<string | null> {
    return make("LMOVE", [source, destination, from, to]);
  },

  /** Removes and returns the first element of the first list that is not empty. Blocks until there is one. */
  blpop(...keys: string[]): Request<[key: string, value: string]> {
    return make("BLPOP", [...keys, 0]);
  },

  /** Removes and returns the last element of the first list that is not empty. Blocks until there is one. */
  brpop(...keys: string[]): Request<[key: string, value: string]> {
    return make("BRPOP", [...keys, 0]);
  },

  /**
   * Like `lmove`, but blocks until there is an element. If this process crashes, the element is safe in the other list.
   */
  blmove(source: string, destination: string, from: ListEnd, to: ListEnd): Request<string> {
    return make("BLMOVE", [source, destination, from, to, 0]);
  },

  /** Adds members to a set. Returns how many were added. */
  sadd(key: string, ...members: Argument[]): Request<number> {
    return make("SADD", [key, ...members]);
  },

  /** Removes members from a set. Returns how many existed. */
  srem(key: string, ...members: Argument[]): Request<number> {
    return make("SREM", [key, ...members]);
  },

  /** Returns all members of a set, in no particular order. */
  smembers(key: string): Request<string[]> {
    return make("SMEMBERS", [key]);
  },

  /** Returns whether `member` belongs to a set. */
  sismember(key: string, member: Argument): Request<boolean> {
    return make("SISMEMBER", [key, member], { read: isOne });
  },

  /** Returns the number of members of a set. */
  scard(key: string): Request<number> {
    return make("SCARD", [key]);
  },

  /** Adds members to a sorted set, or updates their scores. Returns how many were added. */
  zadd(key: string, scores: Readonly<Record<string, number>>): Request<number> {
    return make("ZADD", [key, ...Object.entries(scores).flatMap(([member, score]) => [score, member])]);
  },

  /** Removes members from a sorted set. Returns how many existed. */
  zrem(key: string, ...members: Argument[]): Request<number> {
    return make("ZREM", [key, ...members]);
  },

  /** Returns the score of a member of a sorted set; `null` if it does not exist. */
  zscore(key: string, member: Argument): Request<number | null> {
    return make("ZSCORE", [key, member], { read: (reply) => (reply === null ? null : readScore(reply)) });
  },

  /** Returns the members of a sorted set from rank `start` to `stop`, both included, with their scores. */
  zrange(key: string, start: number, stop: number): Request<Scored[]> {
    return make("ZRANGE", [key, start, stop, "WITHSCORES"], { read: readScored });
  },

  /** Returns the number of members of a sorted set. */
  zcard(key: string): Request<number> {
    return make("ZCARD", [key]);
  },

  /**
   * Removes and returns the member with the lowest score of the first sorted set that is not empty.
   * Blocks until there is one.
   */
  bzpopmin(...keys: string[]): Request<[key: string, member: string, score: number]> {
    return make("BZPOPMIN", [...keys, 0], { read: readPopped });
  },

  /**
   * Removes and returns the member with the highest score of the first sorted set that is not empty.
   * Blocks until there is one.
   */
  bzpopmax(...keys: string[]): Request<[key: string, member: string, score: number]> {
    return make("BZPOPMAX", [...keys, 0], { read: readPopped });
  },

  /** Posts a message to a channel. Returns the number of clients that received it. */
  publish(channel: string, message: Argument): Request<number> {
    return make("PUBLISH", [channel, message]);
  },
};

/** The commands of a pipeline or transaction: each method returns the request for a command. @see requests */
export type RedisRequests = typeof requests;

function checkName(name: string): string {
  if (typeof name === "string" && /^[\w.-]+$/.test(name)) return name.toUpperCase();
  throw wrongType("send a command", "its name must be one word, its arguments follow it", name);
}

// A number beyond 2 ** 53 may already have been rounded, so it is refused.
function checkIncrement(name: string, increment: unknown): Argument {
  if (typeof increment === "bigint" || Number.isSafeInteger(increment)) return increment as Argument;
  const refuse = typeof increment === "number" ? outOfRange : wrongType;
  throw refuse(`send ${name}`, "the increment must be a whole number below 2 ** 53, or a bigint", increment);
}

function isOne(reply: unknown): boolean {
  return reply === 1;
}
