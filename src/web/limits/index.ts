// Limits of the requests of a client.
/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

export { type RateLimit, rateLimit, rateLimitExempt, type RateLimitOptions } from "./rate-limit.ts";
export { clientAddress } from "./client-address.ts";

// where requests are counted
export type { RateDecision, RateLimitStore, RateRule } from "./rate-limit-store.ts";
export { MemoryRateLimitStore, type MemoryRateLimitStoreOptions } from "./memory-rate-limit-store.ts";
export { RedisRateLimitStore, type RedisRateLimitStoreOptions, type RedisScripts } from "./redis-rate-limit-store.ts";
