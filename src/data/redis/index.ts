// A Redis client on top of ioredis: commands, pipelines and subscriptions that can be cancelled.
/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

// connecting
export { connect, redis, type RedisAppOptions } from "./connect.ts";
export type { RedisOptions } from "./settings.ts";
export { RedisClient, type RedisStatistics, type ScanOptions } from "./client.ts";

// commands
export type { Argument } from "./command-kinds.ts";
export type { RedisCommands } from "./commands.ts";
export type { Request } from "./request.ts";
export type { Scored } from "./read-pairs.ts";
export type { ListEnd, RedisRequests } from "./requests.ts";
export type { SetOptions } from "./set-options.ts";
export type { Replies } from "./batch.ts";

// messages
export { type RedisMessage, RedisSubscription } from "./subscription.ts";

// tracing
export type { QueryMessage } from "../shared/query-channel.ts";

// errors
export { RedisBatchError, RedisConnectError, RedisConnectionLost, RedisError, RedisReplyError } from "./errors.ts";
export { MissingPackageError } from "../shared/optional-peer.ts";
