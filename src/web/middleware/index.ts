// What goes around the views of an application: each is one call, for an application or a blueprint.
/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

export type { Hooked } from "./hooked.ts";
export { compress, type CompressOptions } from "./compress.ts";
export type { ContentCoding } from "./coder.ts";
export { cors, type CorsOptions, type OriginRule } from "./cors.ts";
export { etags } from "./etags.ts";
export { requestId, requestIds, type RequestIdOptions } from "./request-ids.ts";
export { securityHeaders, type SecurityHeadersOptions } from "./security-headers.ts";
export { cspNonce, type PolicyDirectives } from "./content-security-policy.ts";
