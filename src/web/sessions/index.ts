// Sessions: values that belong to one browser from request to request.
/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

export { createSessionCookie, session, type SessionApplication, sessions } from "./sessions.ts";
export type { SessionOptions } from "./session-options.ts";
export { Session, type SessionData } from "./session.ts";
export { Uuid } from "./uuid.ts";

// messages for the next page
export { type CategorizedMessage, flash, type FlashedMessagesOptions, getFlashedMessages } from "./flash.ts";

// on the server
export type { SessionStore } from "./session-store.ts";
export { MemorySessionStore, type MemorySessionStoreOptions } from "./memory-store.ts";
export { type RedisExecutor, RedisSessionStore, type RedisSessionStoreOptions } from "./redis-store.ts";
export { PostgresSessionStore, type PostgresSessionStoreOptions, type SqlExecutor } from "./postgres-store.ts";
