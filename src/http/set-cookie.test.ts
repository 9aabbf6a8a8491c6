import assert from "node:assert/strict";
import { test } from "node:test";
import { type CookieOptions, formatSetCookie } from "./set-cookie.ts";

const expires = new Date(Date.UTC(2030, 0, 2, 3, 4, 5));

const cookies: readonly (readonly [name: string, value: string, options: CookieOptions, header: string])[] = [
  ["a", "b", {}, "a=b; HttpOnly; Path=/; SameSite=Lax"],
  ["a", "b c", { httpOnly: false, sameSite: "strict" }, 'a="b c"; Path=/; SameSite=Strict'],
  [
    "a",
    "",
    { maxAge: 0, expires: new Date(0) },
    "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; HttpOnly; Path=/; SameSite=Lax",
  ],
  [
    "a",
    "b",
    { partitioned: true, sameSite: "none", path: "/x", maxAge: 1_001, expires, domain: ".example.org" },
    "a=b; Domain=example.org; Expires=Wed, 02 Jan 2030 03:04:05 GMT; Max-Age=2; Secure; HttpOnly; Path=/x; SameSite=None; Partitioned",
  ],
  ["__Host-a", "b", {}, "__Host-a=b; Secure; HttpOnly; Path=/; SameSite=Lax"],
  ["a", "x;y,\r\n", { secure: true }, 'a="x\\073y\\054\\015\\012"; Secure; HttpOnly; Path=/; SameSite=Lax'],
];
for (const [name, value, options, header] of cookies) {
  test(`formatSetCookie() writes ${header}`, () => {
    assert.equal(formatSetCookie(name, value, options), header);
  });
}

const refused: readonly (readonly [what: string, name: string, value: unknown, options: unknown, message: RegExp])[] = [
  ["a name with an equals sign", "a=b", "", {}, /its name must be a token: current value is "a=b"$/],
  ["a name with a line break", "a\n", "", {}, /its name must be a token/],
  ["no name", "", "", {}, /its name must be a token: current value is ""$/],
  ["a value that is no string", "a", 5, {}, /the value of 'a' must be a string: current value is 5$/],
  ["a path with a semicolon", "a", "", { path: "/; Domain=x" }, /'path' must begin with '\/'/],
  ["a path with a line break", "a", "", { path: "/\r\nX: y" }, /'path'/],
  ["a domain with a semicolon", "a", "", { domain: "a.org; Secure" }, /'domain' must be a domain name/],
  ["another sameSite", "a", "", { sameSite: "Lax" }, /'sameSite' must be 'strict', 'lax' or 'none'/],
  ["sameSite none without secure", "a", "", { sameSite: "none", secure: false }, /'secure' must be true for 'a'/],
  ["__Host- with a domain", "__Host-a", "", { domain: "a.org" }, /'domain' must be left out for '__Host-a'/],
  ["__Host- with a path", "__Host-a", "", { path: "/x" }, /'path' must be '\/' for '__Host-a'/],
  [
    "a maxAge that is no number",
    "a",
    "",
    { maxAge: Number.NaN },
    /'maxAge' must be a number of milliseconds from 0 to 9007199254740991/,
  ],
  ["a maxAge below 0", "a", "", { maxAge: -1 }, /current value is -1$/],
  ["an invalid date", "a", "", { expires: new Date(Number.NaN) }, /'expires' must be a date/],
];
for (const [what, name, value, options, message] of refused) {
  test(`formatSetCookie() refuses ${what}`, () => {
    assert.throws(() => formatSetCookie(name, value as string, options as CookieOptions), message);
  });
}
