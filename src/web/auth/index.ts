// Authentication: who the user of a request is, and whether a request comes from a page of this site.
/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

// who the user is
export { type AuthUser, currentUser, loginUser, logoutUser } from "./current-user.ts";
export { loginRequired, requireLogin } from "./login-required.ts";
export { safeNext } from "./safe-next.ts";

// how a request says so
export type { AuthOptions } from "./auth-backend.ts";
export { sessionAuth, type SessionAuthOptions } from "./session-auth.ts";
export { cookieAuth, type CookieAuthOptions } from "./cookie-auth.ts";
export { bearerAuth, type TokenIssuer } from "./bearer-auth.ts";
export type { SignedAuthOptions } from "./auth-signer.ts";
export { type BasicCheck, type BasicCredentials, basicAuthRequired } from "./basic-auth-required.ts";

// requests that other sites cause
export { csrf, type CsrfApplication, CSRFError, csrfExempt, type CsrfOptions } from "./csrf.ts";
export { csrfToken } from "./csrf-token.ts";
