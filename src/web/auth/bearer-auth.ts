import { wrongType } from "../../base/refusal.ts";
import type { AppInfo, RequestContext } from "../message/context.ts";
import { addBackend, toChallenge } from "./auth-backend.ts";
import { AuthSigner, type SignedAuthOptions } from "./auth-signer.ts";

/** Makes the tokens that an application takes. */
export interface TokenIssuer {
  /** A token for a user. @throws {TypeError} If `id` is not a string, or empty. */
  createToken(id: string): string;
}

/**
 * Takes who the user is from a signed token in `Authorization: Bearer …`: for clients that are not browsers. A token is
 * valid until it is too old, so give it a short `lifetime`.
 *
 * @throws {TypeError} If an option has a wrong type.
 * @throws {RangeError} If an option is out of range.
 * @example
 * const app = new Pottle(import.meta);
 * const tokens = bearerAuth(app, { secretKey: "a long random secret", lifetime: 3_600_000 });
 * app.get("/me", loginRequired(() => ({ id: currentUser()?.id })));
 * const client = app.testClient();
 * console.log((await client.get("/me")).headers.get("www-authenticate")); // Bearer realm="login"
 * const headers = { Authorization: `Bearer ${tokens.createToken("ada")}` };
 * console.log((await client.get("/me", { headers })).text()); // {"id":"ada"}
 * @see https://www.rfc-editor.org/rfc/rfc6750
 */
export function bearerAuth(app: AppInfo, options: SignedAuthOptions): TokenIssuer {
  const signer = new AuthSigner(options, "bearer token");
  addBackend(app, {
    challenge: toChallenge("Bearer", options.realm),
    loginPath: undefined,
    read: (context) => readToken(context, signer),
    logIn: undefined,
    logOut: undefined,
  });
  return {
    createToken: (id) => {
      if (typeof id === "string" && id !== "") return signer.sign(id);
      throw wrongType("make a token", "'id' must be a string, not empty", id);
    },
  };
}

function readToken({ request }: RequestContext, signer: AuthSigner): string | undefined {
  const [, token] = /^bearer +([\w.~+/-]+=*) *$/i.exec(request.headers.get("authorization") ?? "") ?? [];
  return token === undefined ? undefined : signer.read(token);
}
